"""What the commands that train one small network are told."""

from dataclasses import dataclass

import torch

from videoedit.train.loop import LoopConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainJob:
    """One run of a training."""

    data: str
    """Folder of the pictures."""
    out: str
    """Folder of checkpoints; a training that is found there is resumed."""
    iterations: int
    """Steps over which the learning rate falls to zero."""
    minutes: float = 0.0
    """Stop this run after so many minutes; 0 for no limit."""
    export: str | None = None
    """Write weights and card of this name at the end, in `out`."""
    num_threads: int = 0
    """Threads; 0 for all cores."""

    def begin(self, log_every: int = 50) -> LoopConfig:
        """Take the threads, and return the limits of the loop."""
        if self.num_threads:
            torch.set_num_threads(self.num_threads)
        return LoopConfig(out=self.out, iterations=self.iterations, minutes=self.minutes, log_every=log_every)
