"""Writes int8 .tflite files the way TensorFlow's converter does, without TensorFlow."""

import dataclasses

import flatbuffers
import numpy as np
import tflite

TYPES = {
    np.dtype(np.int8): tflite.TensorType.INT8,
    np.dtype(np.uint8): tflite.TensorType.UINT8,
    np.dtype(np.int32): tflite.TensorType.INT32,
    np.dtype(np.int64): tflite.TensorType.INT64,
    np.dtype(np.float32): tflite.TensorType.FLOAT32,
}


@dataclasses.dataclass(frozen=True)
class Quantisation:
    """real = scale * (integer - zero_point); tuples run along `axis`."""

    scale: object
    zero_point: object
    axis: int = 0

    @property
    def scales(self):
        return np.atleast_1d(np.asarray(self.scale, dtype=np.float32))

    @property
    def zero_points(self):
        return np.broadcast_to(np.asarray(self.zero_point, dtype=np.int64), self.scales.shape)


@dataclasses.dataclass
class Tensor:
    index: int
    name: str
    shape: tuple
    dtype: np.dtype
    quantisation: Quantisation | None
    data: np.ndarray | None
    # For float32 inputs: about the greatest magnitude that the quantised tensor behind can hold.
    reach: float = 1.0

    @property
    def byte_count(self):
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize


class ModelWriter:
    """Collects tensors and operators, then writes one subgraph."""

    def __init__(self):
        self.tensors = []
        self.operators = []
        self.codes = []

    def tensor(self, shape, quantisation=None, dtype=np.int8, data=None, name=None):
        """A tensor; one with data is a constant of data's shape and type."""
        if data is not None:
            data = np.ascontiguousarray(data)
            shape, dtype = data.shape, data.dtype
        index = len(self.tensors)
        tensor = Tensor(index, name or f"tensor{index}", tuple(int(d) for d in shape),
                        np.dtype(dtype), quantisation, data)
        self.tensors.append(tensor)
        return tensor

    def constant(self, values, dtype=np.int32, quantisation=None):
        return self.tensor(None, quantisation, data=np.asarray(values, dtype=dtype))

    def operator(self, name, version, inputs, outputs, options=None, **fields):
        """An operator; `options` names the schema's table, `fields` are its fields. An input may
        be None, which stands for an optional one that is absent."""
        code = (getattr(tflite.BuiltinOperator, name), version)
        if code not in self.codes:
            self.codes.append(code)
        self.operators.append((self.codes.index(code), [-1 if t is None else t.index for t in inputs],
                               [t.index for t in outputs], options, fields))

    def write(self, inputs, outputs):
        """The file's bytes."""
        b = flatbuffers.Builder(1 << 14)
        buffers = [self._buffer(b, None)] + [self._buffer(b, t.data) for t in self.tensors]
        tensors = [self._tensor(b, t) for t in self.tensors]
        operators = [self._operator(b, *o) for o in self.operators]
        codes = [table(b, "OperatorCode", DeprecatedBuiltinCode=min(code, 127), Version=version,
                       BuiltinCode=code) for code, version in self.codes]
        subgraph = table(
            b, "SubGraph", Tensors=offsets(b, tensors),
            Inputs=integers(b, [t.index for t in inputs]),
            Outputs=integers(b, [t.index for t in outputs]),
            Operators=offsets(b, operators), Name=b.CreateString("main"))
        model = table(
            b, "Model", Version=3, OperatorCodes=offsets(b, codes),
            Subgraphs=offsets(b, [subgraph]), Description=b.CreateString("oracle"),
            Buffers=offsets(b, buffers))
        b.Finish(model, b"TFL3")
        return bytes(b.Output())

    @staticmethod
    def _buffer(b, data):
        if data is None:
            return table(b, "Buffer")
        content = data.astype(data.dtype.newbyteorder("<")).tobytes()
        # The schema asks for constants at multiples of 16 bytes.
        b.StartVector(1, len(content), 16)
        b.head -= len(content)
        b.Bytes[b.head:b.head + len(content)] = content
        return table(b, "Buffer", Data=b.EndVector())

    @staticmethod
    def _tensor(b, tensor):
        fields = dict(Shape=integers(b, tensor.shape), Type=TYPES[tensor.dtype],
                      Buffer=tensor.index + 1, Name=b.CreateString(tensor.name))
        if tensor.quantisation is not None:
            q = tensor.quantisation
            fields["Quantization"] = table(
                b, "QuantizationParameters",
                Scale=b.CreateNumpyVector(q.scales),
                ZeroPoint=b.CreateNumpyVector(np.ascontiguousarray(q.zero_points)),
                QuantizedDimension=q.axis)
        return table(b, "Tensor", **fields)

    @staticmethod
    def _operator(b, code, inputs, outputs, options, fields):
        members = dict(OpcodeIndex=code, Inputs=integers(b, inputs), Outputs=integers(b, outputs))
        if options is not None:
            fields = {name: integers(b, value) if isinstance(value, list) else value
                      for name, value in fields.items()}
            members["BuiltinOptionsType"] = getattr(tflite.BuiltinOptions, options)
            members["BuiltinOptions"] = table(b, options, **fields)
        return table(b, "Operator", **members)


def table(b, name, **fields):
    """Writes a table of the schema by its generated builder functions."""
    getattr(tflite, f"{name}Start")(b)
    for field, value in fields.items():
        getattr(tflite, f"{name}Add{field}")(b, value)
    return getattr(tflite, f"{name}End")(b)


def integers(b, values):
    return b.CreateNumpyVector(np.asarray(values, dtype=np.int32))


def offsets(b, values):
    b.StartVector(4, len(values), 4)
    for value in reversed(values):
        b.PrependUOffsetTRelative(value)
    return b.EndVector()
