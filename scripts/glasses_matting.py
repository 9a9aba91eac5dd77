"""Measure the embedded matting network on CelebA's validation pictures; the figures stand in its card.

python scripts/glasses_matting.py CELEBA [--model NAME-OR-CARD] [--editor NAME-OR-CARD] [--limit N]
"""

import argparse

from videoedit.datasets.celeba import load_faces
from videoedit.edit.elegant import ElegantEditor
from videoedit.edit.tryon import EMBEDDED, load_editor
from videoedit.nets.checkpoint import load_network
from videoedit.nets.matting import MattingConfig, MattingNetwork
from videoedit.resources import load_card
from videoedit.train.matting.evaluate import as_table, count_taken, evaluate_drawn
from videoedit.train.matting.scenes import MARGIN


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("celeba", help="the official folder, or tar shards")
    parser.add_argument("--model", default=EMBEDDED, help="name of a card, or its path")
    parser.add_argument("--editor", default="elegant", help="takes glasses off: name of a card, or its path")
    parser.add_argument("--limit", type=int, default=0, help="use so many pictures; 0 for all")
    args = parser.parse_args()
    card = load_card(args.model, "matting")
    config = MattingConfig(crop_size=card.crop_size, **card.network)
    network = load_network(MattingNetwork(config), card).eval()
    faces = load_faces(args.celeba, partition="val", size=config.crop_size, margin=MARGIN, limit=args.limit)
    print(as_table(evaluate_drawn(network, faces, ElegantEditor.from_card(args.editor, "cpu"))))
    for name, (taken, of) in count_taken(faces.without_margin(MARGIN), load_editor(args.editor, args.model)).items():
        print(f"\n{name}: taken of {taken} of {of}")


if __name__ == "__main__":
    main()
