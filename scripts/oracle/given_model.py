"""Random inputs for a model that someone else made."""

import struct

import numpy as np
import tflite

from micro import Refused

NUMPY_TYPES = {tflite.TensorType.INT8: np.int8, tflite.TensorType.UINT8: np.uint8,
               tflite.TensorType.FLOAT32: np.float32, tflite.TensorType.INT32: np.int32}


def samples(model, name, count, seed):
    """`count` lists of arrays, one for each input of the model, over the whole of its type."""
    try:
        inputs = _inputs(model)
    except (struct.error, TypeError, ValueError, IndexError, AttributeError, OverflowError):
        raise Refused("the file cannot be read") from None
    except KeyError as code:
        raise Refused(f"an input has the element type {code}") from None
    random = np.random.default_rng([seed, *name.encode()])
    return [[_values(random, *x) for x in inputs] for _ in range(count)]


def _inputs(model):
    """Shape and type of each input."""
    if not tflite.Model.ModelBufferHasIdentifier(model, 0):
        raise ValueError("not a .tflite file")
    subgraph = tflite.Model.GetRootAsModel(model, 0).Subgraphs(0)
    tensors = [subgraph.Tensors(int(i)) for i in subgraph.InputsAsNumpy()]
    return [(t.ShapeAsNumpy() if t.ShapeLength() else (), NUMPY_TYPES[t.Type()]) for t in tensors]


def _values(random, shape, dtype):
    if dtype == np.float32:
        return random.normal(size=shape).astype(np.float32)
    limits = np.iinfo(dtype)
    return random.integers(limits.min, limits.max + 1, size=shape).astype(dtype)
