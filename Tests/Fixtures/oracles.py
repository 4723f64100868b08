"""What others make of a bundle: LiteRT of its device graph, ONNX Runtime of its remote graphs, numpy
and the documents of what lies between them. No line of the project's Swift has a part in it.
"""

import hashlib
import struct

import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter, OpResolverType

# What a request's frames take around the payload (docs/protocol.md), and the payload bytes that our
# device puts into one transmission.
INFER, CHUNK, END, PREDICTION, PART = 8 + 12, 8 + 4, 8 + 8, 8 + 28, 256


class Device:
    """A device graph's int8 outputs for pictures uint8 [N,H,W,3], by LiteRT's reference kernels."""

    def __init__(self, graph, pictures):
        interpreter = Interpreter(
            model_content=graph, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        interpreter.allocate_tensors()
        entry = interpreter.get_input_details()[0]["index"]
        details = interpreter.get_output_details()
        rows = {detail["name"]: [] for detail in details}
        for picture in pictures:
            interpreter.set_tensor(entry, (picture.astype(np.int16) - 128).astype(np.int8)[None])
            interpreter.invoke()
            for detail in details:
                rows[detail["name"]].append(interpreter.get_tensor(detail["index"])[0].copy())
        self.outputs = {name: np.array(values) for name, values in rows.items()}
        self.quantisation = {detail["name"]: detail["quantization"] for detail in details}

    def real(self, name):
        """The output's values in float32."""
        scale, zero_point = self.quantisation[name]
        return np.float32(scale) * (self.outputs[name].astype(np.int32) - zero_point).astype(
            np.float32)


def confidences(logits, temperature):
    """The largest softmax probability of each row, in double precision."""
    shares = np.exp((logits - logits.max(axis=1, keepdims=True)).astype(np.float64) / temperature)
    return 1 / shares.sum(axis=1)


def scan(maps):
    """int8 [N,H,W,C] in scan order: [N,C,H,W]."""
    return maps.transpose(0, 3, 1, 2)


def each_channel(rows, channels):
    return rows if len(rows) > 1 else rows * channels


def symbols_of(maps, tables):
    """The symbols [N,C,H,W] of int8 values [N,C,H,W]; without tables the values' own bytes."""
    if not tables:
        return maps.view(np.uint8)
    tables = [np.array(t["symbolOf"], np.uint8) for t in each_channel(tables, maps.shape[1])]
    return np.stack([tables[c][maps[:, c].astype(np.int16) + 128]
                     for c in range(maps.shape[1])], axis=1)


def values_of(symbols, tables, quantisation):
    """The float32 that the server puts in the place of each symbol."""
    if not tables:
        scale, zero_point = quantisation
        return np.float32(scale) * (symbols.view(np.int8).astype(np.int32) - zero_point).astype(
            np.float32)
    tables = [np.array(t["valueOf"], np.float32) for t in each_channel(tables, symbols.shape[1])]
    return np.stack([tables[c][symbols[:, c]] for c in range(symbols.shape[1])], axis=1)


def lzw(symbols, alphabet):
    """The LZW payload of docs/protocol.md; not for inputs that fill the dictionary."""
    strings = {bytes([s]): s for s in range(alphabet)}
    bits, written, start = 0, 0, 0
    while start < len(symbols):
        end = start + 1
        while end < len(symbols) and bytes(symbols[start:end + 1]) in strings:
            end += 1
        assert len(strings) < 4096
        bits |= strings[bytes(symbols[start:end])] << written
        written += max(1, (len(strings) - 1).bit_length())
        strings[bytes(symbols[start:end + 1])] = len(strings)
        start = end
    return bits.to_bytes((written + 7) // 8, "little")


class Remote:
    """A remote graph, by ONNX Runtime, and its logits as they come over the wire."""

    def __init__(self, graph):
        self.session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])

    def logits(self, features):
        """int8 [N,classes] and the scales [N,1] of features [N,C,H,W]."""
        entry = self.session.get_inputs()[0].name
        logits = self.session.run(["logits"], {entry: features})[0]
        scales = np.abs(logits).max(axis=1, keepdims=True) / np.float32(127)
        return np.rint(logits / scales).astype(np.int8), scales


def winners(values, margin):
    """The class of each row's largest value; None where another comes within the margin (one number,
    or one for each row), because then somebody's rounding decides."""
    ordered = np.sort(values, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > margin
    return [int(row.argmax()) if is_clear else None for row, is_clear in zip(values, clear)]


def digest(values):
    """SHA-256 of float32 values, little-endian, row-major."""
    return hashlib.sha256(struct.pack(f"<{values.size}f", *values.ravel())).hexdigest()


def frame_bytes(payload):
    """Bytes of a request's frames around and with so many bytes of payload."""
    chunks = max(0, payload - 1) // PART
    return INFER + chunks * CHUNK + END + payload
