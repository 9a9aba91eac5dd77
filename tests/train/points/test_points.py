"""The training of the points network: pictures and points move together; it learns, resumes, and its export finds."""

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from videoedit.align.brows import MIRRORED as MIRRORED_BROWS
from videoedit.align.brows import NUM_BROWS
from videoedit.align.lips import MIRRORED, NUM_LIPS
from videoedit.cli import main
from videoedit.detect.outlines import BrowsFinder, LipsFinder
from videoedit.detect.refine import PointsFinder
from videoedit.faces import Points
from videoedit.nets.points import BROWS_TEMPLATE, LIPS_TEMPLATE, PointsConfig
from videoedit.train.detector.teacher import save_table
from videoedit.train.loop import LoopConfig, fit
from videoedit.train.pictures import Picture
from videoedit.train.points.export import export_brows, export_lips, export_points
from videoedit.train.points.run import brows_of, lips_of
from videoedit.train.points.task import AlignedFaces, PointsTask, PointsTrainConfig, misalignment

COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255))


def dotted(seed: int) -> Picture:
    """A picture with a coloured dot on each point of a face, so that a crop tells by itself where its points are."""
    rng = np.random.default_rng(seed)
    points = np.array([[70.0, 80], [130, 80], [100, 110], [76, 140], [124, 140]]) + rng.normal(0, 3, (5, 2))
    image = np.full((220, 200, 3), 110, np.uint8)
    for point, colour in zip(points, COLOURS, strict=True):
        centre = (round(float(point[0]) * 16), round(float(point[1]) * 16))
        cv2.circle(image, centre, 6 * 16, colour, -1, cv2.LINE_AA, shift=4)
    _, png = cv2.imencode(".png", image[:, :, ::-1])
    return Picture(f"{seed}.png", png.tobytes(), np.array([[40, 40, 160, 180, *points.ravel(), 1.0]]))


@pytest.fixture(scope="module")
def faces() -> AlignedFaces:
    return AlignedFaces.of([dotted(seed) for seed in range(24)], 32)


def config_of(iterations: int) -> PointsTrainConfig:
    return PointsTrainConfig(network=PointsConfig(crop_size=32, width=8), iterations=iterations, batch_size=16)


def test_points_lie_on_their_dots_before_and_after_every_move(faces: AlignedFaces) -> None:
    task = PointsTask(config_of(1), faces)
    rng = np.random.default_rng(0)
    for row in range(len(faces.bases)):
        crop, points = task._misaligned(row, rng)
        inside = [i for i in range(5) if (points[i] > 1).all() and (points[i] < 30).all()]
        for i in inside:
            x, y = np.round(points[i]).astype(int)
            assert np.abs(crop[y, x].astype(int) - COLOURS[i]).max() < 110


def test_misalignments_are_spread_as_told_about_the_right_place() -> None:
    rng = np.random.default_rng(0)
    config = PointsTrainConfig(iterations=1, turn=4.0, zoom=0.05, shift=0.05)
    drawn = np.array([misalignment(96, 64, config, rng) for _ in range(4000)])
    turns = np.degrees(np.arctan2(drawn[:, 0, 1], drawn[:, 0, 0]))
    centres = drawn @ np.array([47.5, 47.5, 1.0]) - 31.5
    assert abs(np.median(turns)) < 0.3
    assert np.subtract(*np.percentile(turns, [84, 16])) / 2 == pytest.approx(4.0, rel=0.25)
    assert np.abs(centres.mean(axis=0)).max() < 0.3
    assert np.subtract(*np.percentile(centres[:, 0], [84, 16])) / 2 == pytest.approx(0.05 * 64, rel=0.25)


def test_training_finds_dots_and_the_exported_file_finds_them_as_well(faces: AlignedFaces, tmp_path: Path) -> None:
    task = PointsTask(config_of(150), faces)
    first = task.step(0)["error"]
    fit(task, LoopConfig(out=str(tmp_path), iterations=150))
    assert np.mean([task.step(150)["error"] for _ in range(5)]) < 0.45 * first
    card = export_points(task.average, tmp_path, "dots")
    finder = PointsFinder.from_card(card.folder / "dots.toml")
    unseen = [dotted(seed) for seed in range(100, 116)]
    true = [picture.faces[0, 4:14].reshape(5, 2) for picture in unseen]
    shifted = [points + np.array([5.0, -4.0]) for points in true]
    found = finder.find([picture.image() for picture in unseen], shifted)
    assert np.linalg.norm(np.array(found) - true, axis=2).mean() < 0.6 * np.hypot(5, 4)


def test_training_goes_on_exactly_from_a_checkpoint(faces: AlignedFaces, tmp_path: Path) -> None:
    whole, first, second = (PointsTask(config_of(4), faces) for _ in range(3))
    fit(whole, LoopConfig(out=str(tmp_path / "whole"), iterations=4))
    fit(first, LoopConfig(out=str(tmp_path / "parts"), iterations=2))
    fit(second, LoopConfig(out=str(tmp_path / "parts"), iterations=4))
    for one, other in zip(whole.average.parameters(), second.average.parameters(), strict=True):
        assert torch.equal(one, other)


def mouthed(seed: int) -> tuple[Picture, Points]:
    """A picture whose mouth is a ring of a colour that changes along it, and the 40 points on two such rings."""
    picture = dotted(seed)
    image, corners = picture.image(), picture.faces[0, 10:14].reshape(2, 2)
    half, middle = (corners[1] - corners[0]) / 2, corners.mean(axis=0)
    turns = np.pi - np.arange(20) * np.pi / 10
    rings = [
        middle + np.outer(share * np.cos(turns), half) + [0, 1] * np.outer(share * np.sin(turns), [0, 12.0])
        for share in (1.0, 0.6)
    ]
    for point in rings[0]:
        centre = (round(float(point[0]) * 16), round(float(point[1]) * 16))
        cv2.circle(image, centre, 3 * 16, (200, 30, int(min(point[0], 255))), -1, cv2.LINE_AA, shift=4)
    _, png = cv2.imencode(".png", image[:, :, ::-1])
    return replace(picture, jpeg=png.tobytes()), np.concatenate(rings)


def lips_task(iterations: int, count: int = 24) -> PointsTask:
    pairs = [mouthed(seed) for seed in range(count)]
    asked = {picture.name: lips for picture, lips in pairs[1:]}
    aligned = AlignedFaces.of([picture for picture, _ in pairs], 32, LIPS_TEMPLATE, asked)
    network = PointsConfig(crop_size=32, width=8, num_points=NUM_LIPS)
    config = PointsTrainConfig(network=network, mirrored=MIRRORED, iterations=iterations, batch_size=16)
    return PointsTask(config, aligned)


def test_lips_are_asked_where_they_are_known_and_change_sides_in_mirror_images() -> None:
    task = lips_task(1)
    assert len(task._faces.bases) == 23
    rng = np.random.default_rng(0)
    drawn = [task._misaligned(row, rng)[1] for row in range(23)]
    assert all(lips[0, 0] < lips[10, 0] and lips[5, 1] > lips[15, 1] for lips in drawn)
    bluer = []
    for row in range(23):
        crop, lips = task._misaligned(row, rng)
        left, right = (crop[tuple(np.round(lips[place]).astype(int)[::-1])].astype(int) for place in (2, 8))
        assert min(left[0] - left[1], right[0] - right[1]) > 60
        bluer.append(left[2] > right[2])
    assert 3 < sum(bluer) < 20  # about half are mirrored


def test_training_finds_lips_from_their_own_mean_and_the_exported_file_finds_them_as_well(tmp_path: Path) -> None:
    task = lips_task(200)
    middle = task.average.mean.mean(dim=0)
    assert torch.all((middle - 15.5).abs() < 3)
    assert task.average.mean.std(dim=0)[0] > 3
    first = task.step(0)["error"]
    fit(task, LoopConfig(out=str(tmp_path), iterations=200))
    assert np.mean([task.step(200)["error"] for _ in range(5)]) < 0.6 * first
    card = export_lips(task.average, tmp_path, "rings")
    unseen = [mouthed(seed) for seed in range(100, 108)]
    found = LipsFinder.from_card(card.folder / "rings.toml").find(
        [picture.image() for picture, _ in unseen],
        [picture.faces[0, 4:14].reshape(5, 2) + np.array([5.0, -4.0]) for picture, _ in unseen],
    )
    away = [np.linalg.norm(lips.xy - wanted, axis=1).mean() for lips, (_, wanted) in zip(found, unseen, strict=True)]
    assert np.mean(away) < 0.6 * np.hypot(5, 4)


def lips_table(path: Path, lips: dict[str, list[Points]]) -> str:
    rows = ["file," + ",".join(f"x{i},y{i}" for i in range(NUM_LIPS + 2))]
    for name, faces in lips.items():
        rows += [",".join([name, *(f"{value:.3f}" for value in np.vstack([xy, xy[:2]]).ravel())]) for xy in faces]
    path.write_text("\n".join(rows) + "\n")
    return str(path)


def test_lips_of_a_table_belong_to_the_face_whose_mouth_they_are(tmp_path: Path) -> None:
    (one, lips), (other, others), (third, _) = (mouthed(seed) for seed in range(3))
    table = lips_table(tmp_path / "lips.csv", {one.name: [lips, lips + 9.0, lips + 60.0], other.name: [others + 60.0]})
    found = lips_of([one, other, third], [table])
    assert list(found) == [one.name]
    np.testing.assert_allclose(found[one.name], lips, atol=1e-3)


def brows_above(picture: Picture, height: float = 0.3) -> Points:
    """The 20 points of level brows above the dots of the eyes, so high in distances between them."""
    eyes = picture.faces[0, 4:8].reshape(2, 2)
    unit = float(np.linalg.norm(eyes[1] - eyes[0]))
    outwards = np.linspace(0.35, -0.25, 5)
    brow = np.stack([np.tile(outwards, 2), -height + np.repeat([-0.05, 0.05], 5)], axis=1) * unit
    return np.concatenate([eyes[0] + brow * [-1, 1], eyes[1] + brow])


def brows_table(path: Path, brows: dict[str, list[Points]]) -> str:
    rows = ["file," + ",".join(f"x{i},y{i}" for i in range(NUM_BROWS))]
    for name, faces in brows.items():
        rows += [",".join([name, *(f"{value:.3f}" for value in xy.ravel())]) for xy in faces]
    path.write_text("\n".join(rows) + "\n")
    return str(path)


def test_brows_of_a_table_belong_to_the_face_whose_eyes_are_below(tmp_path: Path) -> None:
    one, other = dotted(0), dotted(1)
    right, far = brows_above(one), brows_above(other, 1.2)
    table = brows_table(tmp_path / "brows.csv", {one.name: [right - [0.0, 30.0], right], other.name: [far]})
    found = brows_of([one, other, dotted(2)], [table])
    assert list(found) == [one.name]
    np.testing.assert_allclose(found[one.name], right, atol=1e-3)


def test_training_finds_brows_and_the_exported_file_finds_them_as_well(tmp_path: Path) -> None:
    pictures = [dotted(seed) for seed in range(24)]
    asked = {picture.name: brows_above(picture) for picture in pictures}
    faces = AlignedFaces.of(pictures, 32, BROWS_TEMPLATE, asked)
    network = PointsConfig(crop_size=32, width=8, num_points=NUM_BROWS)
    config = PointsTrainConfig(network=network, mirrored=MIRRORED_BROWS, iterations=200, batch_size=16)
    task = PointsTask(config, faces)
    first = task.step(0)["error"]
    fit(task, LoopConfig(out=str(tmp_path), iterations=200))
    assert np.mean([task.step(200)["error"] for _ in range(5)]) < 0.6 * first
    card = export_brows(task.average, tmp_path, "lines")
    unseen = [dotted(seed) for seed in range(100, 108)]
    found = BrowsFinder.from_card(card.folder / "lines.toml").find(
        [picture.image() for picture in unseen],
        [picture.faces[0, 4:14].reshape(5, 2) + np.array([5.0, -4.0]) for picture in unseen],
    )
    away = [np.linalg.norm(one.xy - brows_above(p), axis=1).mean() for one, p in zip(found, unseen, strict=True)]
    assert np.mean(away) < 0.6 * np.hypot(5, 4)


def test_commands_train_on_both_collections_and_export(sharded_celeba: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "lfw").mkdir(parents=True)
    (data / "celeba").symlink_to(sharded_celeba)
    names = [f"Some_Body{seed}_0001.jpg" for seed in range(6)]
    with tarfile.open(data / "lfw" / "images.tar", "w") as tar:
        for seed, name in enumerate(names):
            entry = tarfile.TarInfo(name)
            entry.size = len(dotted(seed).jpeg)
            tar.addfile(entry, io.BytesIO(dotted(seed).jpeg))
    rows = {name: dotted(seed).faces.copy() for seed, name in enumerate(names)}
    for row in rows.values():
        row[:, 2:4] -= row[:, :2]
    save_table(rows, tmp_path / "faces.csv")
    command = ["train", "points", "--data", str(data), "--faces", str(tmp_path / "faces.csv"), "--iterations", "2"]
    assert main([*command, "--out", str(tmp_path / "out"), "--export", "tiny"]) == 0
    assert PointsFinder.from_card(tmp_path / "out" / "tiny.toml").find([], []) == []
    table = lips_table(tmp_path / "lips.csv", {name: [mouthed(seed)[1]] for seed, name in enumerate(names)})
    command[1:2] = ["lips", "--lips", table]
    assert main([*command, "--out", str(tmp_path / "lips"), "--export", "tiny"]) == 0
    assert LipsFinder.from_card(tmp_path / "lips" / "tiny.toml").find([], []) == []
    table = brows_table(tmp_path / "brows.csv", {name: [brows_above(dotted(seed))] for seed, name in enumerate(names)})
    command[1:4] = ["brows", "--brows", table]
    assert main([*command, "--out", str(tmp_path / "brows"), "--export", "tiny"]) == 0
    assert BrowsFinder.from_card(tmp_path / "brows" / "tiny.toml").find([], []) == []
