"""A stand-in for a recognition model."""

from pathlib import Path

import onnx
import pytest


@pytest.fixture
def tiny_arcface(tmp_path: Path) -> Path:
    """Mean colours of the four quarters of a 112-pixel crop."""
    helper = onnx.helper
    graph = helper.make_graph(
        [
            helper.make_node("AveragePool", ["input"], ["pooled"], kernel_shape=[56, 56], strides=[56, 56]),
            helper.make_node("Flatten", ["pooled"], ["features"]),
        ],
        "tiny",
        [helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, [None, 3, 112, 112])],
        [helper.make_tensor_value_info("features", onnx.TensorProto.FLOAT, [None, 12])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(tmp_path / "tiny.onnx"))
    return tmp_path / "tiny.onnx"
