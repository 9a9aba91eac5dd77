"""`videoedit models`: which models there are, whether they are whole, and bringing in the official ones."""

import argparse
from pathlib import Path

from videoedit.errors import ModelError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser(
        "models",
        help="list, verify and import models",
        description="Lists models and their attributes, compares them with their checksums, brings in official ones.",
    )
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    _add_list(actions)
    _add_verify(actions)
    _add_import(actions)


def handle_list(args: argparse.Namespace) -> None:
    """Print one line per model: name, kind, crop, attributes, licence."""
    from videoedit.resources import list_cards

    for card in list_cards():
        size = f"{card.crop_size} px" if card.crop_size else "-"
        print(f"{card.name:<20} {card.kind:<9} {size:<7} {', '.join(card.attributes) or '-'}  [{card.licence}]")


def handle_verify(args: argparse.Namespace) -> None:
    """Compare weights with their cards; go through all of them before failing."""
    from videoedit.resources import list_cards, load_card, verify

    failures = []
    for card in [load_card(name) for name in args.names] or list_cards():
        try:
            verify(card)
            print(f"ok    {card.name}")
        except ModelError as error:
            print(f"FAIL  {card.name}")
            failures.append(str(error))
    if failures:
        raise ModelError("; ".join(failures))


def handle_import(args: argparse.Namespace) -> None:
    """Convert an official pair of files and write a card beside the weights."""
    from videoedit.nets.import_official import OfficialModel, import_model

    model = OfficialModel(
        encoder=args.encoder,
        decoder=args.decoder,
        attributes=tuple(args.attributes),
        crop_size=args.crop_size,
        name=args.name,
        licence=args.licence,
    )
    card = import_model(model, args.output_dir)
    known_as = card.name if args.output_dir is None else card.folder / f"{card.name}.toml"
    print(f"{card.weights_path}: use it with --model {known_as}")


def _add_list(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "list",
        help="embedded and imported models",
        description="Lists embedded and imported models: name, kind, crop, attributes, licence.",
    )
    parser.set_defaults(handler=handle_list)


def _add_verify(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "verify",
        help="compare weights with the sha256 of their cards",
        description="Compares weights with the sha256 of their cards.",
    )
    parser.add_argument("names", nargs="*", metavar="MODEL", help="name, or path of a card (default: all)")
    parser.set_defaults(handler=handle_verify)


def _add_import(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "import",
        help="bring in the official ELEGANT files",
        description="Brings in a pair of files of ELEGANT's authors as a model of its own.",
    )
    parser.add_argument("encoder", metavar="ENC.pth", help="official encoder")
    parser.add_argument("decoder", metavar="DEC.pth", help="official decoder of the same step")
    parser.add_argument(
        "--attributes",
        nargs="+",
        required=True,
        metavar="NAME",
        help="what it edits, in the order given to -a when it was trained",
    )
    parser.add_argument("--crop-size", type=int, default=256, metavar="PX", help="side of its crops (default 256)")
    parser.add_argument(
        "--name", default="elegant-official", metavar="NAME", help="of the new model (default elegant-official)"
    )
    parser.add_argument("--output-dir", type=Path, metavar="DIR", help="where it goes (default: the cache folder)")
    parser.add_argument(
        "--licence", default="LicenseRef-unknown", metavar="SPDX", help="of the weights (default LicenseRef-unknown)"
    )
    parser.set_defaults(handler=handle_import)
