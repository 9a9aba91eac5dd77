"""Soft masks on the aligned crop.

Shapes: (S, S) float32 in 0..1.
"""

import numpy as np
from numpy.typing import NDArray

from videoedit.ramps import smoothstep


def border_mask(size: int, feather: float) -> NDArray[np.float32]:
    """Return a mask that falls smoothly from 1 to 0 toward the crop's border, and is 0 on its outermost pixels.

    Args:
        size: Side of the crop in pixels.
        feather: Width of the fall as a share of the side, 0..0.5.
    """
    distance = np.minimum(np.arange(size), np.arange(size)[::-1])  # 0 on the border
    ramp = np.clip(distance / max(feather * size, 1.0), 0.0, 1.0)
    smooth = smoothstep(ramp)
    return np.outer(smooth, smooth).astype(np.float32)
