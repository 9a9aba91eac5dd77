"""Face detection: `detectors.build(NAME)` makes a detector; heavy imports wait until then."""

from videoedit.detect import insightface, refine, yunet
from videoedit.detect.base import FaceDetector, detectors

__all__ = ["FaceDetector", "detectors", "insightface", "refine", "yunet"]
