"""Devices, precision and threads: what is asked for is given, or refused with the next step."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import pytest
import torch

from videoedit import device
from videoedit.device import (
    autocast,
    describe,
    resolve_device,
    resolve_precision,
    set_num_threads,
    training_autocast,
)
from videoedit.errors import ConfigError, ModelError

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def _give(monkeypatch: pytest.MonkeyPatch, *, cuda: int = 0, mps: bool = False) -> None:
    monkeypatch.setattr(device, "num_cuda_devices", lambda: cuda)
    monkeypatch.setattr(device, "_has_mps", lambda: mps)


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"), [(0, False, "cpu"), (0, True, "mps"), (2, False, "cuda"), (1, True, "cuda")]
)
def test_auto_takes_the_fastest_device(monkeypatch: pytest.MonkeyPatch, cuda: int, mps: bool, expected: str) -> None:
    _give(monkeypatch, cuda=cuda, mps=mps)
    assert resolve_device("auto") == torch.device(expected)


def test_a_numbered_device_is_given_if_it_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    _give(monkeypatch, cuda=2)
    assert resolve_device("cuda:1") == torch.device("cuda:1")
    with pytest.raises(ModelError, match="no device cuda:2: PyTorch sees 2 CUDA devices; use auto or cpu"):
        resolve_device("cuda:2")


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "mps"])
def test_a_missing_device_is_the_worlds_fault(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    _give(monkeypatch)
    with pytest.raises(ModelError, match="use auto or cpu"):
        resolve_device(name)


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "cuda:-1", "cpu:1", "mps:0", "", "cuda:1:2"])
def test_a_name_that_is_no_device_is_wrong_use(name: str) -> None:
    with pytest.raises(ConfigError, match="no device"):
        resolve_device(name)


def test_auto_precision_follows_the_device() -> None:
    assert resolve_precision("auto", CPU) == torch.float32
    assert resolve_precision("auto", CUDA) == torch.float16
    assert resolve_precision("bf16", CPU) == torch.bfloat16


def test_networks_learn_in_float32_where_pytorch_was_built_without_onednn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.ops, "mkldnn", SimpleNamespace())
    ones = torch.ones(2, 2)
    with training_autocast(CPU):
        assert (ones @ ones).dtype == torch.float32


@pytest.mark.parametrize(("has_bfloat16", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_networks_learn_in_what_the_cpu_computes_fast(
    has_bfloat16: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: has_bfloat16)
    with training_autocast(CPU):
        assert (torch.eye(2) @ torch.eye(2)).dtype == dtype


def test_half_precision_on_the_cpu_is_refused() -> None:
    with pytest.raises(ConfigError, match="fp16 needs an accelerator"):
        resolve_precision("fp16", CPU)


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(ConfigError, match="no precision 'fp8'"):
        resolve_precision("fp8", CPU)  # type: ignore[arg-type]


def test_autocast_changes_the_type_of_products() -> None:
    ones = torch.ones(2, 2)
    with autocast("bf16", CPU):
        assert (ones @ ones).dtype == torch.bfloat16
    with autocast("auto", CPU):
        assert (ones @ ones).dtype == torch.float32


def test_threads_are_one_budget() -> None:
    before = torch.get_num_threads(), cv2.getNumThreads()
    try:
        set_num_threads(1)
        assert (torch.get_num_threads(), cv2.getNumThreads()) == (1, 1)
    finally:
        torch.set_num_threads(before[0])
        cv2.setNumThreads(before[1])


def test_no_threads_are_refused() -> None:
    with pytest.raises(ConfigError, match="at least 1, got 0"):
        set_num_threads(0)


def test_describe_names_the_device_that_auto_takes() -> None:
    assert describe()["device auto"] == str(resolve_device("auto"))


@pytest.mark.gpu
def test_cuda_is_described() -> None:
    assert "GiB" in describe()["cuda:0"]


def test_decoders_share_the_budget_of_threads(make_clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    from videoedit.video.reading.reader import VideoReader

    monkeypatch.setattr(device, "_budget", [0])
    before = torch.get_num_threads(), cv2.getNumThreads()
    try:
        set_num_threads(3)
        with VideoReader(make_clip()) as reader:
            assert reader.stream.codec_context.thread_count == 3
    finally:
        torch.set_num_threads(before[0])
        cv2.setNumThreads(before[1])
