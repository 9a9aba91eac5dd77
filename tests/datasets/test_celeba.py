"""Both layouts of CelebA give the same aligned faces."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from videoedit.align.templates import template_points
from videoedit.datasets.celeba import load_faces
from videoedit.errors import ConfigError, MediaError


def test_shards_and_official_folder_give_the_same_faces(sharded_celeba: Path, official_celeba: Path) -> None:
    sharded = load_faces(sharded_celeba, partition="train", size=64)
    official = load_faces(official_celeba, partition="train", size=64)
    both = [name for name in sharded.names if name in official.names]
    assert len(both) == len(sharded.names) > 20
    rows = [official.names.index(name) for name in both]
    np.testing.assert_array_equal(sharded.labels, official.labels[rows])
    assert abs(sharded.images.astype(int) - official.images[rows]).mean() < 1.0


def test_partitions_do_not_overlap_and_faceless_pictures_are_left_out(sharded_celeba: Path) -> None:
    train = load_faces(sharded_celeba, partition="train", size=32)
    val = load_faces(sharded_celeba, partition="val", size=32)
    assert not set(train.names) & set(val.names)
    assert "000002.jpg" not in train.names + val.names
    assert len(train.names) + len(val.names) == 63


def test_eyes_lie_on_the_template_and_labels_belong_to_their_pictures(sharded_celeba: Path) -> None:
    faces = load_faces(sharded_celeba, partition="train", size=64)
    eye_band = faces.images[:, 25:28, 20:44].mean(axis=(1, 2, 3))
    has_glasses = faces.column("Eyeglasses") == 1
    assert eye_band[has_glasses].max() < 60 < 120 < eye_band[~has_glasses].min()


def test_margin_keeps_the_surroundings_at_the_same_scale(sharded_celeba: Path) -> None:
    plain = load_faces(sharded_celeba, partition="train", size=64, limit=4)
    wide = load_faces(sharded_celeba, partition="train", size=64, margin=8, limit=4)
    assert wide.images.shape == (4, 80, 80, 3)
    assert abs(wide.images[:, 8:-8, 8:-8].astype(int) - plain.images).mean() < 1.0


def test_points_lie_where_the_face_is_in_its_picture(sharded_celeba: Path) -> None:
    plain = load_faces(sharded_celeba, partition="train", size=64, limit=4)
    wide = load_faces(sharded_celeba, partition="train", size=64, margin=8, limit=4)
    assert plain.points.shape == (4, 5, 2)
    assert abs(plain.points - template_points("elegant", 64)).max() < 2
    np.testing.assert_allclose(wide.points, plain.points + 8)
    inner = wide.without_margin(8)
    np.testing.assert_allclose(inner.points, plain.points)
    assert inner.images.shape == plain.images.shape


def test_missing_folder_and_unknown_label_are_named(tmp_path: Path, sharded_celeba: Path) -> None:
    with pytest.raises(MediaError, match=r"list_attr_celeba\.txt"):
        load_faces(tmp_path, partition="train", size=32)
    faces = load_faces(sharded_celeba, partition="train", size=32, limit=2)
    with pytest.raises(ConfigError, match="'Bangs'"):
        faces.column("Bangs")


def test_pictures_in_the_wild_are_taken_with_their_own_points(official_celeba: Path, tmp_path: Path) -> None:
    wild = tmp_path / "celeba"
    shutil.copytree(official_celeba, wild)
    (wild / "img_celeba").mkdir()
    for path in (wild / "img_align_celeba").iterdir():
        large = cv2.resize(cv2.imread(str(path)), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(wild / "img_celeba" / path.name), cv2.copyMakeBorder(large, 50, 0, 20, 0, cv2.BORDER_REPLICATE))
    head, *rows = (wild / "list_landmarks_align_celeba.txt").read_text().split("\n", 2)
    points = [line.split() for line in rows[1].splitlines()]
    moved = [[name, *(3 * int(v) + (20, 50)[i % 2] for i, v in enumerate(values))] for name, *values in points]
    lines = [head, rows[0], *(" ".join(map(str, row)) for row in moved)]
    (wild / "list_landmarks_celeba.txt").write_text("\n".join(lines) + "\n")
    small, large_faces = (load_faces(root, partition="train", size=64) for root in (official_celeba, wild))
    assert small.names == large_faces.names
    assert 0 < abs(small.images.astype(int) - large_faces.images).mean() < 3.0
