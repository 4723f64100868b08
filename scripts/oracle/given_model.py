"""Random inputs for a model that someone else made."""

import numpy as np
import tflite

NUMPY_TYPES = {tflite.TensorType.INT8: np.int8, tflite.TensorType.UINT8: np.uint8,
               tflite.TensorType.FLOAT32: np.float32, tflite.TensorType.INT32: np.int32}


def samples(model, name, count, seed):
    """`count` lists of arrays, one for each input of the model, over the whole of its type."""
    subgraph = tflite.Model.GetRootAsModel(model, 0).Subgraphs(0)
    inputs = [subgraph.Tensors(int(i)) for i in subgraph.InputsAsNumpy()]
    random = np.random.default_rng([seed, *name.encode()])
    return [[_values(random, x) for x in inputs] for _ in range(count)]


def _values(random, tensor):
    shape = tensor.ShapeAsNumpy() if tensor.ShapeLength() else ()
    dtype = NUMPY_TYPES[tensor.Type()]
    if dtype == np.float32:
        return random.normal(size=shape).astype(np.float32)
    limits = np.iinfo(dtype)
    return random.integers(limits.min, limits.max + 1, size=shape).astype(dtype)
