"""Writes a `Graph` as a `.tflite` file (schema version 3) with the FlatBuffers runtime alone."""

import flatbuffers
import numpy as np
import tflite

from .graph import Graph, Operator, Tensor

BUILTIN = tflite.BuiltinOperator
# The versions that TensorFlow's converter gives these operators with int8 tensors.
CODES = {
    "CONV_2D": (BUILTIN.CONV_2D, 3),
    "DEPTHWISE_CONV_2D": (BUILTIN.DEPTHWISE_CONV_2D, 3),
    "SPLIT_V": (BUILTIN.SPLIT_V, 2),
    "CONCATENATION": (BUILTIN.CONCATENATION, 2),
    "ADD": (BUILTIN.ADD, 2),
    "MEAN": (BUILTIN.MEAN, 2),
    "FULLY_CONNECTED": (BUILTIN.FULLY_CONNECTED, 4),
}
TYPES = {"int8": tflite.TensorType.INT8, "int32": tflite.TensorType.INT32}
ACTIVATIONS = {
    "NONE": tflite.ActivationFunctionType.NONE,
    "RELU": tflite.ActivationFunctionType.RELU,
    "RELU6": tflite.ActivationFunctionType.RELU6,
}


def _offsets(builder, offsets: list[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def _ints(builder, values) -> int:
    return builder.CreateNumpyVector(np.asarray(values, np.int32))


def _buffer(builder, data: np.ndarray | None) -> int:
    vector = None
    if data is not None:
        content = np.ascontiguousarray(data).astype(data.dtype.newbyteorder("<")).tobytes()
        builder.StartVector(1, len(content), 16)
        builder.head -= len(content)
        builder.Bytes[builder.head : builder.head + len(content)] = content
        vector = builder.EndVector()
    tflite.BufferStart(builder)
    if vector is not None:
        tflite.BufferAddData(builder, vector)
    return tflite.BufferEnd(builder)


def _tensor(builder, tensor: Tensor, buffer: int) -> int:
    name, shape = builder.CreateString(tensor.name), _ints(builder, tensor.shape)
    quantisation = None
    if len(tensor.scales):
        scales = builder.CreateNumpyVector(tensor.scales.astype(np.float32))
        zeros = builder.CreateNumpyVector(
            np.full(len(tensor.scales), tensor.zero_point, np.int64))
        tflite.QuantizationParametersStart(builder)
        tflite.QuantizationParametersAddScale(builder, scales)
        tflite.QuantizationParametersAddZeroPoint(builder, zeros)
        tflite.QuantizationParametersAddQuantizedDimension(builder, tensor.axis)
        quantisation = tflite.QuantizationParametersEnd(builder)
    tflite.TensorStart(builder)
    tflite.TensorAddName(builder, name)
    tflite.TensorAddShape(builder, shape)
    tflite.TensorAddType(builder, TYPES[tensor.dtype])
    tflite.TensorAddBuffer(builder, buffer)
    tflite.TensorAddHasRank(builder, True)
    if quantisation is not None:
        tflite.TensorAddQuantization(builder, quantisation)
    return tflite.TensorEnd(builder)


def _options(builder, op: Operator) -> tuple[int, int]:
    """-> union type, offset."""
    if op.kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
        name = "Conv2DOptions" if op.kind == "CONV_2D" else "DepthwiseConv2DOptions"

        def call(suffix, *values):
            return getattr(tflite, name + suffix)(builder, *values)

        call("Start")
        call("AddPadding", tflite.Padding.SAME)
        call("AddStrideW", op.stride)
        call("AddStrideH", op.stride)
        if op.kind == "DEPTHWISE_CONV_2D":
            call("AddDepthMultiplier", 1)
        call("AddFusedActivationFunction", ACTIVATIONS[op.activation])
        call("AddDilationWFactor", 1)
        call("AddDilationHFactor", 1)
        return getattr(tflite.BuiltinOptions, name), call("End")
    if op.kind == "SPLIT_V":
        tflite.SplitVOptionsStart(builder)
        tflite.SplitVOptionsAddNumSplits(builder, len(op.outputs))
        return tflite.BuiltinOptions.SplitVOptions, tflite.SplitVOptionsEnd(builder)
    if op.kind == "CONCATENATION":
        tflite.ConcatenationOptionsStart(builder)
        tflite.ConcatenationOptionsAddAxis(builder, 3)
        return (tflite.BuiltinOptions.ConcatenationOptions,
                tflite.ConcatenationOptionsEnd(builder))
    if op.kind == "ADD":
        tflite.AddOptionsStart(builder)
        tflite.AddOptionsAddFusedActivationFunction(builder, ACTIVATIONS[op.activation])
        return tflite.BuiltinOptions.AddOptions, tflite.AddOptionsEnd(builder)
    if op.kind == "MEAN":
        tflite.ReducerOptionsStart(builder)
        tflite.ReducerOptionsAddKeepDims(builder, False)
        return tflite.BuiltinOptions.ReducerOptions, tflite.ReducerOptionsEnd(builder)
    tflite.FullyConnectedOptionsStart(builder)
    tflite.FullyConnectedOptionsAddFusedActivationFunction(builder, ACTIVATIONS[op.activation])
    return tflite.BuiltinOptions.FullyConnectedOptions, tflite.FullyConnectedOptionsEnd(builder)


def _operator(builder, op: Operator, code: int, index: dict[str, int]) -> int:
    inputs = _ints(builder, [index[name] for name in op.inputs])
    outputs = _ints(builder, [index[name] for name in op.outputs])
    kind, options = _options(builder, op)
    tflite.OperatorStart(builder)
    tflite.OperatorAddOpcodeIndex(builder, code)
    tflite.OperatorAddInputs(builder, inputs)
    tflite.OperatorAddOutputs(builder, outputs)
    tflite.OperatorAddBuiltinOptionsType(builder, kind)
    tflite.OperatorAddBuiltinOptions(builder, options)
    return tflite.OperatorEnd(builder)


def serialise(graph: Graph, description: str) -> bytes:
    """Buffer 0 stays empty and serves all activations, as TensorFlow's converter has it."""
    builder = flatbuffers.Builder(1 << 16)
    index = {name: i for i, name in enumerate(graph.tensors)}
    buffers, tensors = [_buffer(builder, None)], []
    for tensor in graph.tensors.values():
        number = 0
        if tensor.data is not None:
            number = len(buffers)
            buffers.append(_buffer(builder, tensor.data))
        tensors.append(_tensor(builder, tensor, number))

    kinds = list(dict.fromkeys(op.kind for op in graph.operators))
    operators = [_operator(builder, op, kinds.index(op.kind), index) for op in graph.operators]
    codes = []
    for kind in kinds:
        code, version = CODES[kind]
        tflite.OperatorCodeStart(builder)
        tflite.OperatorCodeAddDeprecatedBuiltinCode(builder, code)
        tflite.OperatorCodeAddBuiltinCode(builder, code)
        tflite.OperatorCodeAddVersion(builder, version)
        codes.append(tflite.OperatorCodeEnd(builder))

    name = builder.CreateString("main")
    tensor_vector, operator_vector = _offsets(builder, tensors), _offsets(builder, operators)
    inputs = _ints(builder, [index[name] for name in graph.inputs])
    outputs = _ints(builder, [index[name] for name in graph.outputs])
    tflite.SubGraphStart(builder)
    tflite.SubGraphAddTensors(builder, tensor_vector)
    tflite.SubGraphAddInputs(builder, inputs)
    tflite.SubGraphAddOutputs(builder, outputs)
    tflite.SubGraphAddOperators(builder, operator_vector)
    tflite.SubGraphAddName(builder, name)
    subgraphs = _offsets(builder, [tflite.SubGraphEnd(builder)])

    code_vector, buffer_vector = _offsets(builder, codes), _offsets(builder, buffers)
    text = builder.CreateString(description)
    tflite.ModelStart(builder)
    tflite.ModelAddVersion(builder, 3)
    tflite.ModelAddOperatorCodes(builder, code_vector)
    tflite.ModelAddSubgraphs(builder, subgraphs)
    tflite.ModelAddDescription(builder, text)
    tflite.ModelAddBuffers(builder, buffer_vector)
    builder.Finish(tflite.ModelEnd(builder), b"TFL3")
    return bytes(builder.Output())
