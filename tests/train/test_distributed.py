"""Several processes train one network: equal weights, different pictures, files from the first alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from videoedit.train.distributed import agreed, average_gradients, joined, part_ways, rank

_WORKER = """
import sys, torch
from torch import nn
from videoedit.train.distributed import agreed, average_gradients, joined, part_ways, rank
torch.set_num_threads(1)
with joined("cpu") as device:
    assert device == "cpu"
    own = part_ways(torch.Generator().manual_seed(0))
    x = torch.randn(4, 3, generator=own)
    torch.manual_seed(0)
    network = nn.Linear(3, 1)
    network(x).square().mean().backward()
    average_gradients(network.parameters())
    assert agreed(rank() == 0) and not agreed(rank() == 1)
    torch.save({"x": x, "gradient": network.weight.grad}, f"{sys.argv[1]}/{rank()}.pt")
"""


def launch(arguments: list[str], port: int) -> None:
    """Run two processes as torchrun does, without its agent."""
    launcher = {"TORCHELASTIC_RUN_ID": "test", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
    shared = {**os.environ, **launcher, "MASTER_PORT": str(port)}
    workers = [
        subprocess.Popen([sys.executable, *arguments], env={**shared, "RANK": str(i), "LOCAL_RANK": str(i)})
        for i in range(2)
    ]
    assert [worker.wait(timeout=240) for worker in workers] == [0, 0]


def test_alone_nothing_changes() -> None:
    network = nn.Linear(2, 1)
    network(torch.ones(1, 2)).sum().backward()
    average_gradients(network.parameters())
    assert network.weight.grad is not None
    assert network.weight.grad.tolist() == [[1, 1]]
    assert rank() == 0
    assert agreed(True)
    assert not agreed(False)
    generator = part_ways(torch.Generator().manual_seed(3))
    assert generator.get_state().equal(torch.Generator().manual_seed(3).get_state())
    with joined("cuda:7") as device:
        assert device == "cuda:7"


def test_gradients_of_two_processes_are_those_of_one_with_both_batches(tmp_path: Path) -> None:
    launch(["-c", _WORKER, str(tmp_path)], 29511)
    one, two = (torch.load(tmp_path / f"{i}.pt", weights_only=True) for i in range(2))
    assert not torch.equal(one["x"], two["x"])
    assert torch.equal(one["gradient"], two["gradient"])
    torch.manual_seed(0)
    network = nn.Linear(3, 1)
    network(torch.cat([one["x"], two["x"]])).square().mean().backward()
    assert network.weight.grad is not None
    assert torch.allclose(network.weight.grad, one["gradient"], atol=1e-6)


@pytest.mark.slow
def test_two_processes_train_by_the_command_and_the_first_writes(
    sharded_celeba: Path, small_official: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = ["-m", "videoedit", "train", "elegant", "--data", str(sharded_celeba), "--out", str(out), "--smoke"]
    command += ["--preset", str(small_official)]
    launch([*command, "--device", "cpu", "--threads", "1", "--export", "pair"], 29512)
    assert (out / "pair.toml").exists()
    assert len((out / "scalars.jsonl").read_text().splitlines()) == 3
