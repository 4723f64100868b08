"""The remote network as ONNX: batch norm folded, weights stored as float16, computed in float32.

Input `features` float32 [N,C-k,H,W], output `logits` float32 [N,classes], N dynamic.
"""

import io

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from .body import Body
from .fold import folded_body

OPSET = 17


def half_weights(body: Body) -> Body:
    """The folded body with weights rounded to float16, as the file will hold them."""
    result = folded_body(body)
    with torch.no_grad():
        for parameter in result.parameters():
            parameter.copy_(parameter.half().float())
    return result


def serialise(body: Body, channels: int, side: int) -> bytes:
    stream = io.BytesIO()
    torch.onnx.export(
        half_weights(body).to(memory_format=torch.contiguous_format),
        (torch.zeros(1, channels, side, side),), stream, dynamo=False, opset_version=OPSET,
        input_names=["features"], output_names=["logits"],
        dynamic_axes={"features": {0: "N"}, "logits": {0: "N"}},
    )
    model = store_as_half(onnx.load_from_string(stream.getvalue()))
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def store_as_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Each float32 initialiser becomes a float16 one and a Cast, which sessions fold away."""
    graph, casts = model.graph, []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        name = tensor.name
        values = numpy_helper.to_array(tensor).astype(np.float16)
        if not np.isfinite(values).all():
            raise ValueError(f"{name} does not fit float16")
        tensor.CopyFrom(numpy_helper.from_array(values, name + ".half"))
        casts.append(helper.make_node("Cast", [name + ".half"], [name], to=TensorProto.FLOAT,
                                      name=name + ".cast"))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return model
