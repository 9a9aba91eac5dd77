"""Several processes that train one network, as `torchrun` starts them; in a single process nothing here does anything.

Every process draws pairs of its own; gradients are averaged before each step, so that all networks stay equal. The
first process alone writes files.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, distributed

from videoedit.device import num_cuda_devices


@contextmanager
def joined(device: str) -> Iterator[str]:
    """Join the group that `torchrun` describes in the environment, and leave it at the end.

    Args:
        device: auto, cpu, cuda or cuda:N.

    Yields:
        The device of this process: one GPU each where `device` lets it be one.
    """
    if not distributed.is_torchelastic_launched():
        yield device
        return
    on_gpu = device != "cpu" and num_cuda_devices() > 0
    own = f"cuda:{distributed.get_node_local_rank()}" if on_gpu else "cpu"
    distributed.init_process_group("nccl" if on_gpu else "gloo", device_id=torch.device(own) if on_gpu else None)
    try:
        yield own
    finally:
        distributed.destroy_process_group()


def rank() -> int:
    """Return this process's number, 0 for the first or only one."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def part_ways(generator: torch.Generator) -> torch.Generator:
    """Give every process but the first random numbers of its own, drawn from the common beginning."""
    if number := rank():
        seeds = torch.randint(2**62, (number,), generator=generator, device=generator.device)
        generator.manual_seed(int(seeds[-1]))
    return generator


def average_gradients(parameters: Iterable[torch.nn.Parameter]) -> None:
    """Replace every gradient by its mean over the processes, in one message."""
    if not distributed.is_initialized():
        return
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    for gradient, mean in zip(gradients, torch.split(flat, [g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


def agreed(answer: bool) -> bool:
    """Return the first process's answer, so that all stop at the same step."""
    if not distributed.is_initialized():
        return answer
    device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
    flag: Tensor = torch.tensor(int(answer), device=device)
    distributed.broadcast(flag, src=0)
    return bool(flag.item())
