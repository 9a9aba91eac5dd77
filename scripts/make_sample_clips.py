"""Rebuild `sample_clips/` from two public-domain photographs.

    python scripts/make_sample_clips.py

The astronaut (Eileen Collins, NASA) comes with scikit-image. Rear Admiral Grace Hopper (US Navy) comes with
matplotlib, which is no dependency: her picture is taken out of a wheel that pip downloads to a temporary folder.
"""

import argparse
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

ROOT: Final = Path(__file__).resolve().parents[1]

FPS: Final = Fraction(30)
NUM_FRAMES: Final = 120
SIZE_WH: Final = (640, 480)
SAMPLE_RATE: Final = 48_000

FACE_CENTRE_XY: Final = (223.0, 122.0)
"""Middle of the astronaut's face, in pixels of the photograph."""
BASE_ZOOM: Final = 1.9
SUPERSAMPLING: Final = 2
NOISE: Final = 1.6
"""Standard deviation of the sensor's noise, in 8-bit steps."""

MATPLOTLIB: Final = "matplotlib==3.10.3"
HOPPER: Final = "matplotlib/mpl-data/sample_data/grace_hopper.jpg"


def main() -> None:
    """Write the clip and the references."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output-dir", type=Path, default=ROOT / "sample_clips", help="(default sample_clips/)")
    folder = parser.parse_args().output_dir
    folder.mkdir(parents=True, exist_ok=True)
    photograph: NDArray[np.uint8] = skimage.data.astronaut()  # type: ignore[no-untyped-call]
    write_clip(folder / "astronaut.mp4", photograph)
    write_smile(folder / "astronaut-smile.jpg", photograph)
    (folder / "hopper-glasses.jpg").write_bytes(hopper_photograph())


def write_clip(path: Path, photograph: NDArray[np.uint8]) -> None:
    """Encode the moving photograph with its sound."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=FPS, options={"crf": "21", "preset": "slow", "threads": "1"})
        video.width, video.height = SIZE_WH
        video.pix_fmt = "yuv420p"
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", bit_rate=96_000)
        for image in moving_pictures(photograph):
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(video.encode(None))
        sound = av.AudioFrame.from_ndarray(chimes(NUM_FRAMES / float(FPS)), format="fltp", layout="stereo")
        sound.sample_rate = SAMPLE_RATE
        container.mux(audio.encode(sound))
        container.mux(audio.encode(None))


def moving_pictures(photograph: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """Film the photograph with an unsteady hand: pan, turn, come closer, in steps far below a pixel."""
    noise = np.random.default_rng(7)
    large = cv2.resize(photograph, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    width, height = SIZE_WH
    size = (width * SUPERSAMPLING, height * SUPERSAMPLING)
    for index in range(NUM_FRAMES):
        turned = cv2.warpAffine(
            large, camera(index / NUM_FRAMES), size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        picture = cv2.resize(turned, SIZE_WH, interpolation=cv2.INTER_AREA).astype(np.float32)
        picture += noise.normal(0.0, NOISE, picture.shape)
        yield np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def camera(phase: float) -> NDArray[np.float64]:
    """Return the (2, 3) transform from the fourfold photograph to the supersampled picture; 0 <= phase < 1."""
    turn = 2 * np.pi * phase
    angle = np.deg2rad(8.0 * np.sin(turn) + 2.0 * np.sin(3 * turn + 0.5))
    zoom = BASE_ZOOM * (1.0 + 0.1 * np.sin(turn - 1.2)) * SUPERSAMPLING
    shift = np.array([30.0 * np.sin(turn + 0.4) + 4.0 * np.sin(5 * turn), 10.0 * np.sin(2 * turn)]) * SUPERSAMPLING
    target = np.array(SIZE_WH) * SUPERSAMPLING * np.array([0.48, 0.43]) + shift
    linear = zoom / 4 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([linear, target - linear @ (4 * np.array(FACE_CENTRE_XY) + 1.5)])


def chimes(duration: float) -> NDArray[np.float32]:
    """Return (2, samples) of struck bells over a quiet chord, soft at both ends."""
    time = np.arange(round(duration * SAMPLE_RATE)) / SAMPLE_RATE
    sound = np.zeros((2, len(time)))
    for start, pitch, side in ((0.1, 523.25, 0.3), (0.9, 659.26, 0.7), (1.7, 783.99, 0.4), (2.5, 1046.5, 0.6)):
        since = np.maximum(time - start, 0.0)
        bell = (time >= start) * np.exp(-3.0 * since) * (1 - np.exp(-200.0 * since))
        tone = bell * (np.sin(2 * np.pi * pitch * since) + 0.4 * np.sin(2 * np.pi * 2.76 * pitch * since))
        sound += 0.18 * tone * np.array([[1 - side], [side]])
    sound += 0.02 * sum(np.sin(2 * np.pi * pitch * time) for pitch in (130.81, 196.0, 261.63))
    fade = np.clip(np.minimum(time, duration - time) / 0.05, 0.0, 1.0)
    return (sound * fade).astype(np.float32)


def write_smile(path: Path, photograph: NDArray[np.uint8]) -> None:
    """Write head and shoulders: a reference with a smile and without glasses."""
    head = np.ascontiguousarray(photograph[0:300, 80:380, ::-1])
    if not cv2.imwrite(str(path), head, [cv2.IMWRITE_JPEG_QUALITY, 92]):
        raise OSError(f"cannot write {path}")


def hopper_photograph() -> bytes:
    """Take Grace Hopper's portrait out of matplotlib's wheel."""
    with tempfile.TemporaryDirectory() as folder:
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, MATPLOTLIB]
        subprocess.run(download, check=True)
        wheel = next(Path(folder).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(HOPPER)


if __name__ == "__main__":
    main()
