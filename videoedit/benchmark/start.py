"""What a start costs: the whole command in a fresh process."""

import os
import subprocess
import sys
from collections.abc import Sequence
from time import perf_counter

from videoedit.benchmark.stages import Cost
from videoedit.errors import ModelError


def cost_of_command(arguments: Sequence[str]) -> Cost:
    """Run `videoedit` with these arguments in a process of its own.

    Raises:
        ModelError: It fails; with the last line it wrote.
    """
    before, start = os.times(), perf_counter()
    command = [sys.executable, "-m", "videoedit", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall, after = perf_counter() - start, os.times()
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ModelError(f"videoedit {' '.join(arguments)} failed in a fresh process: {last}; run it by hand")
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return Cost(wall, used)
