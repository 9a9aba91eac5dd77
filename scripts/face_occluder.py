"""Measure the embedded occluder network on CelebA's validation pictures; the tables stand in its card.

python scripts/face_occluder.py CELEBA [--model NAME-OR-CARD] [--limit N]
"""

import argparse

from videoedit.datasets.celeba import load_faces
from videoedit.edit.occluders import EMBEDDED, OccluderFinder
from videoedit.nets.mask import MaskConfig
from videoedit.train.occluder.evaluate import as_table, evaluate_clean, evaluate_things
from videoedit.train.occluder.task import MARGIN


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("celeba", help="the official folder, or tar shards")
    parser.add_argument("--model", default=EMBEDDED, help="name of a card, or its path")
    parser.add_argument("--limit", type=int, default=0, help="use so many pictures; 0 for all")
    args = parser.parse_args()
    size = MaskConfig().crop_size
    faces = load_faces(args.celeba, partition="val", size=size, margin=MARGIN, limit=args.limit)
    finder = OccluderFinder.from_card(args.model, "cpu").marked
    print(as_table(evaluate_clean(finder, faces, size)))
    print()
    print(as_table(evaluate_things(finder, faces, size)))


if __name__ == "__main__":
    main()
