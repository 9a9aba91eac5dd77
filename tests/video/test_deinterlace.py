"""Interlaced video: refused with the way out, made whole where that is asked for, times and count as they were."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.filter import Graph

from tests.jobs import stand_ins
from tests.jobs.test_segments import assert_same_video
from tests.stub_editing import EDIT, stub_pipeline
from videoedit.cli import main
from videoedit.errors import MediaError
from videoedit.frames import Frame
from videoedit.jobs.batch import BatchConfig, run_batch
from videoedit.jobs.engines import HereEngine
from videoedit.jobs.one_file import RunConfig, edit_file
from videoedit.jobs.plan import Variant
from videoedit.jobs.resume import resume_file
from videoedit.jobs.work import Worker
from videoedit.video.reading.part import part_of
from videoedit.video.reading.reader import VideoReader
from videoedit.video.reading.timeline import Moment, frames_between
from videoedit.video.writing.encoding import EncoderConfig

SIZE = (96, 64)
NUM_FRAMES = 12


def field_source(moment: int) -> np.ndarray:
    """Return a bar that moves 3 pixels from field to field, on stripes that stand still."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    image = np.stack([90 + 40 * np.sin(y / 5), 90 + 40 * np.sin(x / 7), np.full(x.shape, 90.0)], axis=-1)
    image[:, 3 * moment : 3 * moment + 14] = 220
    return image.astype(np.uint8)


def flag_fields(order: str) -> Callable[[av.VideoFrame], av.VideoFrame]:
    """Return a function that marks pictures as interlaced."""
    graph = Graph()
    source = graph.add_buffer(width=SIZE[0], height=SIZE[1], format="yuv420p", time_base=Fraction(1, 25))
    graph.link_nodes(source, graph.add("setfield", order), graph.add("buffersink")).configure()

    def flag(picture: av.VideoFrame) -> av.VideoFrame:
        graph.push(picture)
        return graph.vpull()

    return flag


@pytest.fixture
def make_interlaced(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes two moments into the lines of every picture."""

    def make(name: str = "tv.mp4", is_top_first: bool = True, num_frames: int = NUM_FRAMES) -> Path:
        path = tmp_path / name
        flagged = flag_fields("tff" if is_top_first else "bff")
        with av.open(str(path), "w") as container:
            options = {"x264-params": "tff=1:keyint=4:bframes=0", "qp": "0"}
            stream = container.add_stream("libx264", rate=25, options=options)
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
            stream.codec_context.color_range = 1
            stream.codec_context.colorspace = 1
            for index in range(num_frames):
                image, later = field_source(2 * index), field_source(2 * index + 1)
                image[int(is_top_first) :: 2] = later[int(is_top_first) :: 2]
                picture = av.VideoFrame.from_ndarray(image, "rgb24").reformat(format="yuv420p")
                container.mux(stream.encode(flagged(picture)))
            container.mux(stream.encode(None))
        return path

    return make


def read(path: Path, start: str | None = None, *, deinterlace: bool = True) -> list[Frame]:
    with VideoReader(path, part=part_of(start, None), deinterlace=deinterlace) as reader:
        return [frame.with_planes(tuple(plane.copy() for plane in frame.planes)) for frame in reader]


def woven(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def test_interlaced_video_is_refused_with_the_way_out(make_interlaced: Callable[..., Path]) -> None:
    with pytest.raises(MediaError, match=r"tv\.mp4 is interlaced .*--deinterlace of run and batch"):
        read(make_interlaced(), deinterlace=False)


@pytest.mark.parametrize("is_top_first", [True, False])
def test_pictures_become_whole_with_the_first_field_untouched(
    make_interlaced: Callable[..., Path], is_top_first: bool
) -> None:
    path = make_interlaced(is_top_first=is_top_first)
    before, after = woven(path), read(path)
    assert [frame.time for frame in after] == [picture.pts * picture.time_base for picture in before]
    assert [frame.duration for frame in after] == [Fraction(1, 25)] * NUM_FRAMES
    assert (after[3].format.matrix, after[3].format.is_full_range) == ("bt709", False)
    first = slice(1 - int(is_top_first), None, 2)
    for index in range(2, NUM_FRAMES - 2):
        plane = before[index].to_ndarray()[: SIZE[1]]
        np.testing.assert_array_equal(after[index].planes[0][first], plane[first])
        combing = [np.abs(np.diff(luma.astype(int), axis=0)).mean() for luma in (plane, after[index].planes[0])]
        assert combing[1] < 0.4 * combing[0]


@pytest.mark.parametrize("start", ["0.16", "0.2", "7f"])
def test_part_is_made_whole_as_in_the_whole_video(make_interlaced: Callable[..., Path], start: str) -> None:
    path = make_interlaced()
    part, every = read(path, start), read(path)
    assert 0 < len(part) < NUM_FRAMES
    for frame, same in zip(part, every[-len(part) :], strict=True):
        assert frame.time == same.time
        np.testing.assert_array_equal(frame.planes[0], same.planes[0])


def test_whole_pictures_pass_as_they_are(make_clip: Callable[..., Path]) -> None:
    path = make_clip(size_wh=SIZE, full_range=True)
    for frame, same in zip(read(path, deinterlace=False), read(path), strict=True):
        assert (frame.time, frame.duration, frame.format) == (same.time, same.duration, same.format)
        for plane, again in zip(frame.planes, same.planes, strict=True):
            np.testing.assert_array_equal(plane, again)


def test_run_and_preview_make_whole_pictures(
    make_interlaced: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for module in ("one_file", "preview"):
        monkeypatch.setattr(f"videoedit.jobs.{module}.build_pipeline", stub_pipeline)
    source, out, sheet = str(make_interlaced()), tmp_path / "out.mp4", str(tmp_path / "sheet.png")
    assert main(["run", source, "-o", str(out), *EDIT]) == 1
    assert "--deinterlace" in capsys.readouterr().err
    assert main(["run", source, "-o", str(out), "--deinterlace", *EDIT]) == 0
    assert not any(picture.interlaced_frame for picture in woven(out))
    assert len(woven(out)) == NUM_FRAMES
    assert main(["preview", source, "-o", sheet, "--deinterlace", *EDIT]) == 0


@pytest.mark.parametrize("span", [range(1, 5), range(4, 7), range(7, 12)])
def test_part_between_two_frames_is_made_whole_as_in_the_whole_video(
    make_interlaced: Callable[..., Path], span: range
) -> None:
    path = make_interlaced()
    every = read(path)
    moments = [Moment.of(frame) for frame in every]
    for frame in frames_between(path, moments, span, deinterlace=True):
        np.testing.assert_array_equal(frame.planes[0], every[frame.index].planes[0])
    with pytest.raises(MediaError):
        list(frames_between(path, moments, span))


def test_segments_of_an_interlaced_video_are_those_of_one_run(
    make_interlaced: Callable[..., Path], tmp_path: Path
) -> None:
    source = str(make_interlaced(num_frames=40))
    encoder = EncoderConfig(crf=0, preset="ultrafast")
    nobody = replace(stand_ins.EDIT, pipeline=replace(stand_ins.EDIT.pipeline, min_face=900.0))
    config = RunConfig(input=source, output="", edit=nobody, encoder=encoder, deinterlace=True)
    whole, parts = str(tmp_path / "whole.mp4"), str(tmp_path / "parts.mp4")
    load = stand_ins.loader(tmp_path / "log")
    edit_file(replace(config, output=whole), stand_ins.silent, load(nobody).pipeline(nobody))
    report = resume_file(replace(config, output=parts), 16, stand_ins.silent, load)
    assert report.num_frames == 40
    assert_same_video(Path(parts), Path(whole))


@pytest.mark.parametrize("resume", [False, True])
def test_batch_makes_whole_pictures(make_interlaced: Callable[..., Path], tmp_path: Path, resume: bool) -> None:
    choices: dict[str, Any] = {"variants": (Variant((stand_ins.LIGHT,)),), "edit": stand_ins.EDIT, "resume": resume}
    source = str(make_interlaced(num_frames=20))
    config = BatchConfig(inputs=(source,), output_dir=str(tmp_path / "out"), segment_frames=16, **choices)

    def status_of(config: BatchConfig) -> str:
        load = stand_ins.loader(tmp_path / "log")
        engine = HereEngine(lambda progress: Worker(config.edit, progress, load), stand_ins.silent)
        (result,) = run_batch(config, engine, lambda result, total: None).files
        return result.status

    assert status_of(config) == "failed"
    assert status_of(replace(config, deinterlace=True)) == "edited"
    pictures = woven(tmp_path / "out" / "tv.mp4")
    assert [picture.interlaced_frame for picture in pictures] == [False] * 20
