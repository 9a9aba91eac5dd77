"""Measure the network that finds lips against another network's landmarks, on pictures that took no part in training.

    videoedit train lips   --data DATA --faces TABLE --lips CELEBA.csv LFW.csv --out OUT --export lip-outlines
    python scripts/lip_outlines.py DATA TABLE CELEBA.csv LFW.csv [--lips-model NAME]

DATA is a folder with lfw/ and celeba/; TABLE is the CSV of a teacher's faces for LFW, which
`scripts/face_detector.py label` writes. The others begin with the lips of a landmark network: file, then x, y of each
point of `videoedit.align.lips`, in pixels.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videoedit.align.lips import CORNERS, Lips, gap_of, width_of
from videoedit.detect.lips import EMBEDDED, LipsFinder
from videoedit.detect.refine import PointsFinder
from videoedit.faces import Points
from videoedit.train.pictures import Picture, labels_of, load_celeba, load_lfw
from videoedit.train.points.run import lips_of


def main() -> None:
    """Print one row for each set of faces."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("table", help="a teacher's faces for LFW")
    parser.add_argument("landmarks", nargs="+", help="tables of lips")
    parser.add_argument("--lips-model", default=EMBEDDED, metavar="NAME", help="name or path of a card")
    args = parser.parse_args()
    finder, points = LipsFinder.from_card(args.lips_model), PointsFinder.from_card()
    celeba = load_celeba(args.data / "celeba", partition=1)
    smiling = labels_of(args.data / "celeba", "Smiling")
    is_open = labels_of(args.data / "celeba", "Mouth_Slightly_Open")
    sets = {
        "LFW, held-out people": load_lfw(args.data / "lfw" / "images.tar", args.table, held_out=True),
        "CelebA, validation": celeba,
        "smiling, open": [one for one in celeba if (smiling[one.name], is_open[one.name]) == ("1", "1")],
        "smiling, closed": [one for one in celeba if (smiling[one.name], is_open[one.name]) == ("1", "-1")],
        "not smiling, open": [one for one in celeba if (smiling[one.name], is_open[one.name]) == ("-1", "1")],
        "not smiling, closed": [one for one in celeba if (smiling[one.name], is_open[one.name]) == ("-1", "-1")],
    }
    print("| set | faces | error | corners | width | opening |\n|---|--:|--:|--:|--:|--:|")
    for name, pictures in sets.items():
        wanted = lips_of(pictures, args.landmarks)
        known = [picture for picture in pictures if picture.name in wanted]
        errors = measured(known, [wanted[picture.name] for picture in known], finder, points)
        print(
            f"| {name} | {len(known)} | " + " | ".join(f"{100 * value:.1f} %" for value in errors.mean(axis=0)) + " |"
        )


def measured(
    pictures: Sequence[Picture], wanted: Sequence[Points], finder: LipsFinder, points: PointsFinder
) -> NDArray[np.float64]:
    """Return errors (N, 4) of all points, of the corners, of the width and of the opening, in eye distances."""
    images = [picture.image() for picture in pictures]
    faces = points.find(images, [picture.faces[0, 4:14].reshape(5, 2) for picture in pictures])
    errors = []
    for lips, xy in zip(finder.find(images, faces), wanted, strict=True):
        true = Lips(xy, lips.face_xy)
        away = np.linalg.norm(lips.xy - xy, axis=1) / lips.unit
        shapes = lips.shape, true.shape
        width, gap = (abs(of(shapes[0]) - of(shapes[1])) for of in (width_of, gap_of))
        errors.append((away.mean(), away[list(CORNERS)].mean(), width, gap))
    return np.array(errors)


if __name__ == "__main__":
    main()
