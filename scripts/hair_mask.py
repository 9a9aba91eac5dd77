"""Measure the embedded hair network on CelebA's validation pictures; the table stands in its card.

python scripts/hair_mask.py CELEBA [--model NAME-OR-CARD] [--limit N]
"""

import argparse

from videoedit.datasets.celeba import load_faces
from videoedit.detect.mask import HairFinder
from videoedit.train.hair.evaluate import as_table, evaluate_hair
from videoedit.train.hair.task import HairTrainConfig


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("celeba", help="the official folder, or tar shards")
    parser.add_argument("--model", default=HairFinder.embedded, help="name of a card, or its path")
    parser.add_argument("--limit", type=int, default=0, help="use so many pictures; 0 for all")
    args = parser.parse_args()
    size = HairTrainConfig(iterations=1).network.crop_size
    faces = load_faces(args.celeba, partition="val", size=size, limit=args.limit)
    print(as_table(evaluate_hair(HairFinder.from_card(args.model, "cpu").marked, faces)))


if __name__ == "__main__":
    main()
