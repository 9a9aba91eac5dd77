"""How the result is encoded."""

from dataclasses import dataclass
from typing import Literal

from videoedit.errors import ConfigError

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
"""Speeds of libx264, fastest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderConfig:
    """Choices of the video encoder, and what happens to sound and subtitles."""

    crf: int = 18
    """Constant rate factor of libx264: 0 lossless, 18 visually lossless, 51 worst."""
    preset: str = "medium"
    """Speed against size, one of `PRESETS`."""
    audio: Literal["copy", "none"] = "copy"
    """Carry the packets of all audio streams as they are, or leave them out."""
    num_threads: int = 0
    """Threads of the encoder; 0 lets it choose."""

    def __post_init__(self) -> None:
        if not 0 <= self.crf <= 51:
            raise ConfigError(f"--crf must be in 0..51, got {self.crf}")
        if self.preset not in PRESETS:
            raise ConfigError(f"no preset {self.preset!r} (known: {', '.join(PRESETS)})")

    def options(self) -> dict[str, str]:
        """Return libx264's private options; only `qp` is lossless at every depth."""
        quality = {"crf": str(self.crf)} if self.crf else {"qp": "0"}
        return {**quality, "preset": self.preset}
