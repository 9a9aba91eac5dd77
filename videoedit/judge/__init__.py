"""An independent opinion on faces: which attributes they show."""

from videoedit.judge.attributes import AttributeJudge

__all__ = ["AttributeJudge"]
