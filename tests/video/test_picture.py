"""Pictures as clips of one frame: samples in, samples out; what lies beside them is kept."""

import contextlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import ImageCms

from tests.conftest import moving_colours
from tests.video.test_exif import block
from videoedit.errors import ConfigError, MediaError
from videoedit.frames import Frame, Plane
from videoedit.video.stills.clip import PictureReader, PictureWriter
from videoedit.video.stills.exif import orientation_of
from videoedit.video.stills.files import Picture, decode_picture, encode_picture
from videoedit.video.writing.encoding import EncoderConfig

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GREY_PROFILE = PROFILE.replace(b"RGB ", b"GRAY", 1)


def samples_of(kind: str, depth: int = 8) -> Plane:
    """Return colours, grey, or colours with alpha, that use the whole depth."""
    colours = moving_colours((40, 30), 0)
    if depth == 16:
        colours = colours.astype(np.uint16) * 256 + np.random.default_rng(0).integers(0, 256, colours.shape, np.uint16)
    alpha = np.full_like(colours[..., :1], 200 << (depth - 8))
    return {"grey": colours[..., 0], "rgb": colours, "rgba": np.concatenate([colours, alpha], axis=2)}[kind]


def write(path: Path, picture: Picture) -> Path:
    path.write_bytes(encode_picture(path, picture, 100))
    return path


def read(path: Path) -> Picture:
    return decode_picture(path, path.read_bytes())


def brightened(frame: Frame) -> Frame:
    """Change the middle of the picture alone."""
    planes = tuple(plane.copy() for plane in frame.planes)
    for plane in planes:
        plane[10:20, 15:25] += 20 << (frame.format.depth - 8)
    return frame.with_planes(planes)


def edited(source: Path, target: Path, config: EncoderConfig | None = None) -> Path:
    with PictureReader(source) as reader, PictureWriter(target, reader, config or EncoderConfig()) as writer:
        for frame in reader:
            writer.write(brightened(frame))
    return target


def assert_only_the_middle_changed(before: Plane, after: Plane) -> None:
    assert (before.shape, before.dtype) == (after.shape, after.dtype)
    change = after.astype(int) - before
    colours = change if change.ndim == 2 else change[..., :3]
    assert (colours[10:20, 15:25] == 20 << 8 * (before.itemsize - 1)).all()
    colours[10:20, 15:25] = 0
    assert not change.any()


KINDS = [(ending, kind, depth) for ending in (".png", ".tiff") for kind in ("grey", "rgb", "rgba") for depth in (8, 16)]


@pytest.mark.parametrize(
    ("ending", "kind", "depth"), [*KINDS, (".webp", "rgb", 8), (".webp", "rgba", 8), (".bmp", "rgb", 8)]
)
def test_depth_grey_and_alpha_are_kept_and_all_but_the_edit_is_exact(
    tmp_path: Path, ending: str, kind: str, depth: int
) -> None:
    source = tmp_path / f"source{ending}"
    source.write_bytes(encode_picture(source, Picture(samples_of(kind, depth)), None))
    out = edited(source, tmp_path / f"out{ending}")
    np.testing.assert_array_equal(read(source).samples, samples_of(kind, depth))
    assert_only_the_middle_changed(samples_of(kind, depth), read(out).samples)


@pytest.mark.parametrize("kind", ["grey", "rgb"])
def test_jpeg_stays_a_jpeg_of_its_kind_and_close_to_what_it_was(tmp_path: Path, kind: str) -> None:
    source = write(tmp_path / "source.jpg", Picture(samples_of(kind)))
    before, after = read(source).samples, read(edited(source, tmp_path / "out.jpg")).samples
    assert before.shape == after.shape
    change = after.astype(int) - before
    assert abs(change[:, :10]).max() <= 12
    assert abs(change[10:20, 15:25].mean() - 20) < 1


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
def test_turned_picture_becomes_upright_and_no_longer_asks_to_be_turned(
    tmp_path: Path, ending: str, orientation: int
) -> None:
    source = write(tmp_path / f"source{ending}", Picture(samples_of("rgb"), exif=block(orientation)))
    shown = cv2.imread(str(source), cv2.IMREAD_COLOR)[..., ::-1]
    with PictureReader(source) as reader:
        (frame,) = reader
        np.testing.assert_array_equal(np.dstack([frame.planes[i] for i in (2, 0, 1)]), shown)
    after = read(edited(source, tmp_path / f"out{ending}"))
    assert after.samples.shape == shown.shape
    assert orientation_of(after.exif) == 1
    assert b"me\0" in after.exif
    assert abs(after.samples.astype(int) - shown)[:8].max() <= (12 if ending == ".jpg" else 0)


@pytest.mark.parametrize("orientation", [3, 6])
def test_turned_tiff_becomes_upright_once(tmp_path: Path, orientation: int) -> None:
    source = tmp_path / "source.tif"
    turn = (274, "H", 1, orientation, True)
    tifffile.imwrite(source, samples_of("rgb", 16), photometric="rgb", metadata=None, extratags=[turn])
    upright = np.rot90(samples_of("rgb", 16), {3: 2, 6: 3}[orientation])
    after = read(edited(source, tmp_path / "out.tif")).samples
    assert_only_the_middle_changed(upright, after)


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp", ".tiff"])
def test_colour_profile_is_kept(tmp_path: Path, ending: str) -> None:
    source = write(tmp_path / f"source{ending}", Picture(samples_of("rgb"), profile=PROFILE))
    assert read(edited(source, tmp_path / f"out{ending}")).profile == PROFILE
    grey = write(tmp_path / f"grey{ending}", Picture(samples_of("grey"), profile=GREY_PROFILE))
    if ending != ".webp":  # which has no grey
        assert read(edited(grey, tmp_path / f"out-grey{ending}")).profile == GREY_PROFILE


def test_broken_profile_is_left_out_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = write(tmp_path / "source.jpg", Picture(samples_of("rgb"), profile=PROFILE[:40]))
    assert read(edited(source, tmp_path / "out.png")).samples.shape == samples_of("rgb").shape
    assert "ICC profile is broken" in caplog.text


def test_what_the_other_format_cannot_hold_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    picture = Picture(samples_of("rgba", 16), exif=block(6), profile=GREY_PROFILE)
    source = tmp_path / "source.png"
    source.write_bytes(encode_picture(source, Picture(picture.samples, exif=picture.exif), None))
    out = read(edited(source, tmp_path / "out.jpg"))
    assert (out.samples.shape, out.samples.dtype) == ((40, 30, 3), np.uint8)
    assert "out.jpg: a .jpg file of this kind does not hold 16 bit, transparency" in caplog.text
    assert not read(write(tmp_path / "out.tif", picture)).profile
    assert "out.tif: a .tif file of this kind does not hold EXIF tags, the source's ICC profile" in caplog.text


def test_quality_is_heeded(tmp_path: Path) -> None:
    source = write(tmp_path / "source.png", Picture(samples_of("rgb")))
    for ending in (".jpg", ".webp"):
        sizes = [
            edited(source, tmp_path / f"{q}{ending}", EncoderConfig(quality=q)).stat().st_size for q in (10, 50, 95)
        ]
        assert sizes == sorted(sizes)
        assert sizes[0] < 0.7 * sizes[2]


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp", ".tif", ".bmp"])
def test_picture_that_ends_early_is_refused(tmp_path: Path, ending: str) -> None:
    whole = write(tmp_path / f"whole{ending}", Picture(samples_of("rgb")))
    PictureReader(whole)
    cut = tmp_path / f"cut{ending}"
    cut.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(MediaError, match=f"cut{ending} is damaged"):
        PictureReader(cut)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"II*\0\x08\0\0\0"])
def test_file_that_is_no_picture_gets_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=r"bad\.png is damaged or not a picture"):
        PictureReader(path)
    with pytest.raises(MediaError, match=r"cannot read picture .*none\.png"):
        PictureReader(tmp_path / "none.png")


def test_picture_becomes_no_video_and_target_is_checked(tmp_path: Path) -> None:
    source = write(tmp_path / "source.png", Picture(samples_of("rgb")))
    reader = PictureReader(source)
    with pytest.raises(ConfigError, match="a picture becomes a picture"):
        PictureWriter(tmp_path / "out.mp4", reader, EncoderConfig())
    with pytest.raises(MediaError, match="would replace a file that is read"):
        PictureWriter(source, reader, EncoderConfig(), overwrite=True)


def test_nothing_is_written_where_the_edit_fails(tmp_path: Path) -> None:
    source = write(tmp_path / "source.png", Picture(samples_of("rgb")))
    reader = PictureReader(source)
    with contextlib.suppress(RuntimeError), PictureWriter(tmp_path / "out.png", reader, EncoderConfig()) as writer:
        writer.write(next(iter(reader)))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("num_pages", [1, 3])
def test_of_several_pages_the_first_is_taken_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, num_pages: int
) -> None:
    pages = [np.full((8, 8, 3), 40 * page, np.uint8) for page in range(num_pages)]
    path = tmp_path / "pages.tif"
    tifffile.imwrite(path, np.stack(pages), photometric="rgb")
    picture = decode_picture(path, path.read_bytes())
    np.testing.assert_array_equal(picture.samples, pages[0])
    said = [f"{path} holds 3 pictures; only the first is edited"] if num_pages == 3 else []
    assert caplog.messages == said
