"""Operators that no bundle of the `agilenn` scheme has, against TensorFlow Lite Micro."""

import numpy as np
import pytest
import torch

from trainkit import export_tflite, int8
from trainkit.graph_builder import Convolution, GraphBuilder


def convolution(name: str, inputs: int, outputs: int, size: float) -> Convolution:
    return Convolution(name, size * torch.randn(outputs, inputs, 3, 3), torch.randn(outputs), 2,
                       "NONE", False)


@pytest.mark.parametrize("activation", ["NONE", "RELU", "RELU6"])
def test_add_and_concatenation_bit_for_bit(activation, tmp_path):
    runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime")
    torch.manual_seed(1)
    ranges = {"one": (-3.0, 4.0), "other": (-0.7, 9.0), "sum": (-5.0, 8.0)}
    builder = GraphBuilder(ranges, 12, ["joined"])
    one = builder.convolve(convolution("one", 3, 5, 0.5), "image")
    other = builder.convolve(convolution("other", 3, 5, 1.0), "image")
    total = builder.add(one, other, "sum", activation)
    first, second = builder.split(total, ["first", "second"], [2, 3])
    builder.concatenate([second, first, second], "joined")
    path = tmp_path / "graph.tflite"
    path.write_bytes(export_tflite.serialise(builder.graph, "test"))
    images = torch.randint(-128, 128, (8, 12, 12, 3))
    (found,) = int8.run(builder.graph, images).values()
    assert found.shape == (8, 6, 6, 8) and len(found.unique()) > 50
    interpreter = runtime.Interpreter.from_file(str(path))
    for image, wanted in zip(images, found):
        interpreter.set_input(image[None].numpy().astype(np.int8), 0)
        interpreter.invoke()
        assert np.array_equal(interpreter.get_output(0)[0], wanted.numpy())


def test_tensors_of_several_scales_do_not_join():
    builder = GraphBuilder({"one": (-3.0, 4.0), "other": (-0.7, 9.0)}, 12, ["joined"])
    one = builder.convolve(convolution("one", 3, 5, 0.5), "image")
    other = builder.convolve(convolution("other", 3, 5, 1.0), "image")
    with pytest.raises(ValueError, match="several scales"):
        builder.concatenate([one, other], "joined")
