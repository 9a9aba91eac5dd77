"""What a high-dynamic-range video says beside its colours: kept where the encoder takes it, else left out and told."""

import struct
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Self

import av

from videoedit.video.side_data import side_data_of
from videoedit.video.writing.encoders import Options
from videoedit.video.writing.encoding import EncoderChoice

_MASTERING: Final = struct.Struct("<20i2i")
"""AVMasteringDisplayMetadata: x and y of R, G, B and white, least and most light as fractions, and what is set."""
_LEVELS: Final = struct.Struct("<2I")
_DYNAMIC: Final = {
    "DOVI_RPU_BUFFER": "Dolby Vision's layer",
    "DOVI_METADATA": "Dolby Vision's layer",
    "DYNAMIC_HDR_PLUS": "HDR10+ metadata",
    "DYNAMIC_HDR_VIVID": "HDR Vivid metadata",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticLight:
    """How a video was mastered, and how bright it gets."""

    points_xy: tuple[Fraction, ...]
    """CIE x and y of the mastering screen's red, green, blue and white; empty where unknown."""
    range_nits: tuple[Fraction, ...]
    """Least and most light of that screen; empty where unknown."""
    levels: tuple[int, ...]
    """Brightest pixel and brightest average of a frame in nits; empty where unknown."""

    @classmethod
    def of(cls, picture: av.VideoFrame) -> Self:
        """Take what a decoded picture carries."""
        data = side_data_of(picture)
        points: tuple[Fraction, ...] = ()
        if packed := data.get("MASTERING_DISPLAY_METADATA"):
            *numbers, has_points, has_range = _MASTERING.unpack_from(packed)
            if has_points and has_range and all(numbers[1::2]):
                points = tuple(Fraction(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True))
        levels = _LEVELS.unpack_from(data["CONTENT_LIGHT_LEVEL"]) if "CONTENT_LIGHT_LEVEL" in data else ()
        return cls(points_xy=points[:8], range_nits=points[8:], levels=levels)

    @property
    def is_known(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.points_xy or self.levels)

    def options(self, encoder: str, options: Options) -> Options | None:
        """Add to an encoder's options what makes it keep this; None where it cannot."""
        if encoder not in _WRITTEN:
            return None
        name, mastering, levels, scales, number = _WRITTEN[encoder]
        said = [options[name]] if name in options else []
        if self.points_xy:
            xy = [number(value * scales[0]) for value in self.points_xy]
            red, green, blue, white = (",".join(xy[place : place + 2]) for place in (0, 2, 4, 6))
            least, most = (number(value * scales[1]) for value in self.range_nits)
            said.append(f"{mastering}=G({green})B({blue})R({red})WP({white})L({most},{least})")
        if self.levels:
            said.append(f"{levels}={self.levels[0]},{self.levels[1]}")
        return {**options, name: ":".join(said)}


def _whole(value: Fraction) -> str:
    return str(round(value))


def _decimal(value: Fraction) -> str:
    return f"{float(value):.5f}"


_WRITTEN: Final = {
    "libx265": ("x265-params", "master-display", "max-cll", (50_000, 10_000), _whole),
    "libx264": ("x264-params", "mastering-display", "cll", (50_000, 10_000), _whole),
    "libsvtav1": ("svtav1-params", "mastering-display", "content-light", (1, 1), _decimal),
}
"""Where and how encoders are told: option, its two keys, units per share and per nit, and the kind of number."""


def keeping_light(choice: EncoderChoice, picture: av.VideoFrame) -> EncoderChoice:
    """Have an encoder keep what the first picture of a video carries, and say what is left out.

    What describes every picture by itself is left out always: it was made for the pictures as they were.
    """
    dynamic = dict.fromkeys(_DYNAMIC[name] for name in side_data_of(picture) if name in _DYNAMIC)
    remarks = [f"{name} is left out, the picture below it is kept" for name in dynamic]
    light, options = StaticLight.of(picture), None
    if light.is_known:
        options = light.options(choice.name, choice.options)
        remarks += [] if options else [f"{choice.name} does not keep mastering and light-level data"]
    return replace(choice, options=options or choice.options, remarks=(*choice.remarks, *remarks))


def has_dolby_vision(picture: av.VideoFrame) -> bool:
    """Tell whether a picture needs Dolby Vision's layer to be shown as it was meant."""
    return any(name.startswith("DOVI") for name in side_data_of(picture))
