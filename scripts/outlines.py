"""Measure the networks that find outlines against another's landmarks, on pictures that took no part in training.

    videoedit train lips   --data DATA --faces TABLE --lips CELEBA.csv LFW.csv --out OUT --export lip-outlines
    videoedit train brows  --data DATA --faces TABLE --brows CELEBA.csv LFW.csv --out OUT --export brow-outlines
    python scripts/outlines.py lips|brows DATA TABLE CELEBA.csv LFW.csv [--model NAME]

DATA is a folder with lfw/ and celeba/; TABLE is the CSV of a teacher's faces for LFW, which
`scripts/face_detector.py label` writes. The others begin with the outlines of a landmark network: file, then x, y of
each point of `videoedit.align.lips` or `videoedit.align.brows`, in pixels.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from videoedit.align.brows import Brows
from videoedit.align.lips import CORNERS, Lips, gap_of, width_of
from videoedit.align.part import Part
from videoedit.detect.outlines import BrowsFinder, LipsFinder
from videoedit.detect.refine import PointsFinder
from videoedit.faces import Points
from videoedit.train.pictures import Picture, labels_of, load_celeba, load_lfw
from videoedit.train.points.run import brows_of, lips_of


@dataclass(frozen=True, slots=True)
class Kind:
    """What is measured of one kind of outlines."""

    finder: type[LipsFinder] | type[BrowsFinder]
    wanted: Callable[[Sequence[Picture], Sequence[str]], dict[str, Points]]
    part: Callable[[Points, Points], Part]
    measures: Mapping[str, Callable[[Part, Part], float]]
    """Beside the mean distance of all points; in distances between the eyes."""
    sets: Mapping[str, Mapping[str, str]]
    """CelebA's validation pictures by their labels."""


def _lips_sets() -> dict[str, dict[str, str]]:
    names = {"1": "smiling", "-1": "not smiling"}, {"1": "open", "-1": "closed"}
    return {
        f"{names[0][smile]}, {names[1][is_open]}": {"Smiling": smile, "Mouth_Slightly_Open": is_open}
        for smile in ("1", "-1")
        for is_open in ("1", "-1")
    }


def _off(of: Callable[[Part], float]) -> Callable[[Part, Part], float]:
    return lambda found, true: abs(of(found) - of(true))


def _corners_off(found: Part, true: Part) -> float:
    return float(np.linalg.norm((found.xy - true.xy)[list(CORNERS)], axis=1).mean()) / true.unit


KINDS: Final = {
    "lips": Kind(
        LipsFinder,
        lips_of,
        Lips,
        {
            "corners": _corners_off,
            "width": _off(lambda one: width_of(one.shape)),
            "opening": _off(lambda one: gap_of(one.shape)),
        },
        _lips_sets(),
    ),
    "brows": Kind(
        BrowsFinder,
        brows_of,
        Brows,
        {"height": _off(lambda one: float(one.shape[:, 1].mean()))},
        {
            "men": {"Male": "1"},
            "women": {"Male": "-1"},
            "with glasses": {"Eyeglasses": "1"},
            "with bangs": {"Bangs": "1"},
        },
    ),
}


def main() -> None:
    """Print one row for each set of faces."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("data", type=Path)
    parser.add_argument("table", help="a teacher's faces for LFW")
    parser.add_argument("landmarks", nargs="+", help="tables of outlines")
    parser.add_argument("--model", metavar="NAME", help="name or path of a card (default: the embedded one)")
    args = parser.parse_args()
    kind = KINDS[args.kind]
    celeba = load_celeba(args.data / "celeba", partition=1)
    labels = {name: labels_of(args.data / "celeba", name) for wanted in kind.sets.values() for name in wanted}
    sets = {
        "LFW, held-out people": load_lfw(args.data / "lfw" / "images.tar", args.table, held_out=True),
        "CelebA, validation": celeba,
    } | {
        name: [one for one in celeba if all(labels[label][one.name] == value for label, value in wanted.items())]
        for name, wanted in kind.sets.items()
    }
    print("| set | faces | error | " + " | ".join(kind.measures) + " |")
    print("|---|" + "--:|" * (2 + len(kind.measures)))
    for name, pictures in sets.items():
        wanted = kind.wanted(pictures, args.landmarks)
        known = [picture for picture in pictures if picture.name in wanted]
        errors = measured(known, [wanted[picture.name] for picture in known], kind, args.model)
        print(
            f"| {name} | {len(known)} | " + " | ".join(f"{100 * value:.1f} %" for value in errors.mean(axis=0)) + " |"
        )


def measured(
    pictures: Sequence[Picture], wanted: Sequence[Points], kind: Kind, model: str | None
) -> NDArray[np.float64]:
    """Return errors of every face: of all its points, and what else is measured."""
    images = [picture.image() for picture in pictures]
    faces = PointsFinder.from_card().find(images, [picture.faces[0, 4:14].reshape(5, 2) for picture in pictures])
    errors = []
    for found, xy in zip(kind.finder.from_card(model).find(images, faces), wanted, strict=True):
        true = kind.part(xy, found.face_xy)
        away = np.linalg.norm(found.xy - xy, axis=1).mean() / found.unit
        errors.append([away, *(measure(found, true) for measure in kind.measures.values())])
    return np.array(errors)


if __name__ == "__main__":
    main()
