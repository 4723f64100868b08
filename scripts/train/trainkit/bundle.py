"""Writes a bundle as `docs/bundle.md` has it, and runs its whole int8 chain for its figures."""

import json
import re
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from . import files, int8
from .data import Dataset
from .graph import Graph
from .lzw import encoded_bytes
from .quantiser import nearest
from .resize import resized

FORMAT = 2
BATCH = 250


def symbol_tables(graph: Graph, centres: torch.Tensor) -> tuple[list[int], list[float]]:
    """symbolOf: by int8 value + 128, the nearest centre of the dequantised value; valueOf: the
    centres, ascending, exactly representable in float32."""
    features = graph.tensors["features"]
    values = (torch.arange(-128, 128) - features.zero_point).float() * float(features.scale)
    ascending = centres.detach().float().sort().values
    return nearest(values, ascending).tolist(), [float(c) for c in ascending]


def offload_path(symbol_of: list[int], value_of: list[float], alpha: float) -> dict:
    """The path of a device graph with `features` and `localLogits` and a remote graph with
    `logits`; `alpha`: the weight of the local logits."""
    return {
        "name": "offload",
        "device": "device",
        "sends": [{
            "tensor": "features",
            "to": "features",
            "symbols": [{"symbolOf": symbol_of, "valueOf": value_of}],
            "coder": {"name": "lzw"},
            "missing": [0.0],
        }],
        "remote": "remote",
        "exits": [
            {"name": "local", "where": "device", "tensor": "localLogits", "alpha": [alpha]},
            {"name": "remote", "where": "server", "tensor": "logits"},
        ],
    }


def write(folder: Path, device: bytes | None, remote: bytes | None, manifest: dict) -> None:
    """Of the graphs those that are there."""
    graphs = {"device": ("device.tflite", device), "remote": ("remote.onnx", remote)}
    write_graphs(folder, {name: (file, content) for name, (file, content) in graphs.items()
                          if content is not None}, manifest)


def write_graphs(folder: Path, graphs: dict[str, tuple[str, bytes]], manifest: dict) -> None:
    """`graphs`: of each name the file and what it holds. The manifest goes last, so that a torn write is
    never taken for a bundle."""
    manifest["graphs"] = {name: {"file": file, "sha256": files.write(folder / file, content)}
                          for name, (file, content) in graphs.items()}
    files.write(folder / "bundle.json", as_text(manifest).encode())


def as_text(manifest: dict) -> str:
    """Indented JSON, but a list of plain values on one line."""
    text = json.dumps(manifest, indent=2)
    return re.sub(r"\[\s+([^\[\]{}]*?)\s+\]",
                  lambda found: "[" + re.sub(r",\s+", ", ", found[1]) + "]", text) + "\n"


def evaluate_int8(graph: Graph, remote: bytes, symbol_of: list[int], value_of: list[float],
                  alpha: float, dataset: Dataset, count: int | None = None,
                  payload_count: int = 1000) -> dict[str, float]:
    """Percent right of the chain that runs in the field: int8 graph, symbols, values, ONNX
    Runtime, and alpha on dequantised float32 logits. `payload`: mean LZW bytes."""
    split = dataset.test
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(remote, options, ["CPUExecutionProvider"])
    symbols_by_value = torch.tensor(symbol_of)
    values_by_symbol = np.array(value_of, np.float32)
    logits = graph.tensors["localLogits"]
    a = np.float32(alpha)
    hits = {"combined": 0, "local": 0, "remote": 0}
    payload: list[int] = []
    total = min(count or len(split), len(split))
    for begin in range(0, total, BATCH):
        part = slice(begin, min(begin + BATCH, total))
        images = resized(split.images[part], dataset.side).long() - 128
        outputs = int8.run(graph, images)
        symbols = symbols_by_value[outputs["features"] + 128].permute(0, 3, 1, 2).numpy()
        for image in symbols[: max(0, payload_count - len(payload))]:
            payload.append(encoded_bytes(image.flatten().tolist(), len(value_of)))
        remote_logits = session.run(["logits"], {"features": values_by_symbol[symbols]})[0]
        local_logits = ((outputs["localLogits"] - logits.zero_point).numpy()
                        .astype(np.float32) * logits.scale)
        combined = a * local_logits + (np.float32(1) - a) * remote_logits
        for name, answer in (("combined", combined), ("local", local_logits),
                             ("remote", remote_logits)):
            hits[name] += int((answer.argmax(1) == split.labels[part].numpy()).sum())
    return {**{name: 100.0 * hit / total for name, hit in hits.items()},
            "payload": sum(payload) / len(payload)}
