"""A tiny CelebA of drawn faces: labels that can be seen in the pixels, in both layouts of the data."""

import csv
import io
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest

ATTRIBUTES = ("Eyeglasses", "Male", "Smiling", "Young")
POINTS = np.array([[69.0, 111.0], [108.0, 111.0], [88.0, 135.0], [73.0, 152.0], [105.0, 152.0]])


def drawn_face(labels: dict[str, int], seed: int) -> np.ndarray:
    """Return (218, 178, 3) BGR: a dark bar for glasses, a red background for men, a white mouth for a smile."""
    rng = np.random.default_rng(seed)
    picture = np.full((218, 178, 3), (60, 60, 200) if labels["Male"] > 0 else (200, 80, 60), np.uint8)
    cv2.ellipse(picture, (89, 125), (45, 62), 0, 0, 360, (150, 180, 220), -1)
    if labels["Eyeglasses"] > 0:
        cv2.rectangle(picture, (55, 103), (122, 119), (20, 20, 20), -1)
    if labels["Smiling"] > 0:
        cv2.rectangle(picture, (73, 148), (105, 156), (250, 250, 250), -1)
    return np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)


def rows_of(count: int) -> list[tuple[str, int, dict[str, int]]]:
    """Return (file, partition, labels): every fourth picture is for validation; most with glasses are men."""
    rng = np.random.default_rng(0)
    rows = []
    for i in range(count):
        glasses = 1 if i % 2 else -1
        male = glasses if rng.random() < 0.8 else -glasses
        labels = {
            "Eyeglasses": glasses,
            "Male": male,
            "Smiling": int(rng.choice([-1, 1])),
            "Young": int(rng.choice([-1, 1])),
        }
        rows.append((f"{i + 1:06d}.jpg", 1 if i % 4 == 3 or i % 8 == 0 else 0, labels))
    return rows


@pytest.fixture(scope="session")
def sharded_celeba(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tar shard and CSV tables of 64 drawn faces."""
    root = tmp_path_factory.mktemp("celeba")
    rows = rows_of(64)
    with tarfile.open(root / "images-0.tar", "w") as archive:
        for seed, (name, _, labels) in enumerate(rows):
            _, encoded = cv2.imencode(".jpg", drawn_face(labels, seed))
            member = tarfile.TarInfo(name)
            member.size = len(encoded)
            archive.addfile(member, io.BytesIO(encoded.tobytes()))
    with (root / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "partition", *ATTRIBUTES])
        writer.writerows([name, part, *labels.values()] for name, part, labels in rows)
    columns = ["re_x", "re_y", "le_x", "le_y", "nose_x", "nose_y", "rm_x", "rm_y", "lm_x", "lm_y"]
    with (root / "landmarks5.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "n_faces", "x", "y", "w", "h", *columns, "score"])
        box = [*POINTS.min(axis=0), *np.ptp(POINTS, axis=0)]
        writer.writerows([name, 0 if name == "000002.jpg" else 1, *box, *POINTS.ravel(), 0.9] for name, _, _ in rows)
    return root


@pytest.fixture(scope="session")
def official_celeba(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same pictures as the official folder lays them out."""
    root = tmp_path_factory.mktemp("official")
    (root / "img_align_celeba").mkdir()
    rows = rows_of(64)
    for seed, (name, _, labels) in enumerate(rows):
        cv2.imwrite(str(root / "img_align_celeba" / name), drawn_face(labels, seed))
    attributes = [f"{name} {' '.join(str(v) for v in labels.values())}" for name, _, labels in rows]
    (root / "list_attr_celeba.txt").write_text("\n".join(["64", " ".join(ATTRIBUTES), *attributes]) + "\n")
    points = " ".join(str(round(v)) for v in POINTS.ravel())
    header = "lefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y rightmouth_x rightmouth_y"
    landmarks = [f"{name} {points}" for name, _, _ in rows]
    (root / "list_landmarks_align_celeba.txt").write_text("\n".join(["64", header, *landmarks]) + "\n")
    (root / "list_eval_partition.txt").write_text("".join(f"{name} {part}\n" for name, part, _ in rows))
    return root
