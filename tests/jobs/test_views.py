"""Frames to judge an edit by: side by side to the sample, marked without touching anything else."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from tests.track.drawn_faces import face_at
from videoedit.colour import region_rgb, to_image
from videoedit.frames import Frame, PixelFormat
from videoedit.jobs.views import View, marked, side_by_side
from videoedit.overlay import with_faces
from videoedit.pipeline import EditedFrame
from videoedit.track.smoothing import Placement

FORMATS = [
    PixelFormat("yuv420p", 8, (1, 1), "bt709", False),
    PixelFormat("yuv422p10le", 10, (1, 0), "bt709", False),
    PixelFormat("gbrp", 8, (0, 0), "rgb", True),
]


def noise_frame(
    seed: int, pixel_format: PixelFormat, size_wh: tuple[int, int], rotation: int = 0, mirrored: bool = False
) -> Frame:
    rng = np.random.default_rng(seed)
    width, height = size_wh
    shift_x, shift_y = pixel_format.chroma_shift_xy
    shapes = [(height, width)] + [(-(-height >> shift_y), -(-width >> shift_x))] * 2
    kind = np.uint8 if pixel_format.depth == 8 else np.uint16
    planes = tuple(rng.integers(60, 180, shape).astype(kind) << (pixel_format.depth - 8) for shape in shapes)
    return Frame(planes, pixel_format, Fraction(0), Fraction(1, 30), 0, rotation, is_mirrored=mirrored)


@pytest.mark.parametrize("pixel_format", FORMATS, ids=lambda f: f.name)
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("size_wh", [(24, 16), (23, 15)])
@pytest.mark.parametrize("mirrored", [False, True])
def test_side_by_side_holds_both_frames_sample_by_sample(
    pixel_format: PixelFormat, rotation: int, size_wh: tuple[int, int], mirrored: bool
) -> None:
    left, right = (noise_frame(seed, pixel_format, size_wh, rotation, mirrored) for seed in (1, 2))
    both = side_by_side(left, right)
    for plane, a, b in zip(both.planes, left.planes, right.planes, strict=True):
        shown, one, other = (left.upright(p) for p in (plane, a, b))
        assert shown.shape[0] == one.shape[0]
        np.testing.assert_array_equal(shown[:, : one.shape[1]], one)
        np.testing.assert_array_equal(shown[:, -other.shape[1] :], other)
    width, height = both.size_wh
    assert both.planes[1].shape == (
        -(-height >> pixel_format.chroma_shift_xy[1]),
        -(-width >> pixel_format.chroma_shift_xy[0]),
    )


def edited_frame(rotation: int = 0, mirrored: bool = False) -> EditedFrame:
    source = noise_frame(1, FORMATS[0], (320, 240), rotation, mirrored)
    changed = source.with_planes((source.planes[0] + np.uint8(20), *source.planes[1:]))
    crop = np.array([[1.0, 0.0, -20.0], [0.0, 1.0, -60.0]])
    shown = Placement(4, crop, face=face_at(84, 124, 0.3), reason="leaving", fade=0.5)
    left_out = Placement(7, crop - [[0, 0, 160], [0, 0, 0]], reason="small", fade=0.0)
    return EditedFrame(source, changed, (shown,), (left_out,))


def test_marks_are_drawn_where_the_face_is_and_nowhere_else() -> None:
    edited = edited_frame()
    frame = marked(edited, 128)
    touched = frame.planes[0] != edited.frame.planes[0]
    assert touched[60:188, 20].mean() > 0.9  # the crop's left edge
    assert touched[60:188, 180].mean() > 0.9  # that of the face left out
    assert touched.mean() < 0.2
    assert not touched[200:].any()
    image = to_image(region_rgb(frame, (0, 0, 320, 240))).astype(int)
    assert image[100:160, 20, 1].mean() - image[100:160, 20, 0].mean() > 100  # green: edited
    assert image[100:160, 180, 0].mean() - image[100:160, 180, 1].mean() > 60  # red: not
    points = edited.placements[0].face.points_xy.round().astype(int)  # type: ignore[union-attr]
    assert all(touched[y, x] for x, y in points)


@pytest.mark.parametrize("mirrored", [False, True])
def test_marks_stand_upright_in_a_turned_video(mirrored: bool) -> None:
    plain, turned = edited_frame(), edited_frame(90, mirrored)
    before, after = (
        np.ascontiguousarray(turned.frame.upright(to_image(region_rgb(frame, (0, 0, 320, 240)))))
        for frame in (turned.frame, marked(turned, 128))
    )
    wanted = with_faces(before, turned, 128).astype(int)
    luma = [0.2126, 0.7152, 0.0722]
    is_mark = abs((wanted - before) @ luma) > 20
    assert is_mark.sum() > 500
    np.testing.assert_allclose((after @ luma)[is_mark], (wanted @ luma)[is_mark], atol=45)
    assert not np.array_equal(marked(plain, 128).planes[0], marked(turned, 128).planes[0])  # its letters are turned


def test_caption_says_track_fade_and_reason() -> None:
    from videoedit.overlay import caption_of

    edited = edited_frame()
    assert caption_of(edited.placements[0]) == "4 50% leaving"
    assert caption_of(edited.skipped[0]) == "7 small"
    assert caption_of(replace(edited.placements[0], reason="", fade=1.0)) == "4"


def test_view_is_the_edit_alone_unless_more_is_asked_for() -> None:
    edited = edited_frame()
    plain, compared, both = (
        next(view.of([edited], 128)).frame for view in (View(), View(compare=True), View(compare=True, debug=True))
    )
    assert plain is edited.frame
    assert compared.size_wh == (640, 240)
    np.testing.assert_array_equal(both.planes[0][:, :320], edited.source.planes[0])
    np.testing.assert_array_equal(both.planes[0][:, 320:], marked(edited, 128).planes[0])
