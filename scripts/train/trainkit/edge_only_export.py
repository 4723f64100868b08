"""An edge-only network as a bundle: a remote graph, and the codec by which its image comes."""

import json

import numpy as np
import onnxruntime
import torch

from . import backbone, bundle, export_onnx, quantise_onnx
from .data import Dataset
from .fold import folded_body
from .picture_network import PictureNetwork, answers, values

BATCH = 250
# Training images that say what the network's 8 bits must reach.
CALIBRATION, CALIBRATION_BATCH = 500, 25


def export(config, command: str, network: PictureNetwork, dataset: Dataset, folder) -> dict:
    """Writes the bundle into `folder`, and returns its manifest."""
    plain = export_onnx.in_float(network.body, 3, dataset.side, "image")
    if config.remoteArithmetic == "int8":
        examples = [values(network.pictures(dataset.train, slice(b, b + CALIBRATION_BATCH))[0])
                    for b in range(0, min(CALIBRATION, len(dataset.train)), CALIBRATION_BATCH)]
        remote = quantise_onnx.quantised(plain, examples)
    else:
        remote = export_onnx.store(plain, "int8").SerializeToString(deterministic=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(remote, options, ["CPUExecutionProvider"])
    folded = folded_body(network.body)
    total, right, whole, size = len(dataset.test), 0, 0, 0
    for begin in range(0, total, BATCH):
        part = slice(begin, min(begin + BATCH, total))
        pictures, bytes_ = network.pictures(dataset.test, part)
        labels = dataset.test.labels[part].numpy()
        size += bytes_
        right += int((session.run(["logits"], {"image": values(pictures)})[0].argmax(1)
                      == labels).sum())
        whole += int((answers(folded, pictures) == labels).sum())
    codec = {key: value for key, value in (
        ("name", config.codec.name), ("quality", config.codec.quality),
        ("chroma", config.codec.chroma)) if value not in ("", -1)}
    manifest = {
        "format": 2, "scheme": "edge-only", "dataset": config.dataset.name,
        "input": {"width": dataset.side, "height": dataset.side,
                  "resize": "bilinear" if config.dataset.side else "none", "fit": "stretch"},
        "graphs": {},
        "paths": [{"name": "remote", "codec": codec,
                   "sends": [_send(config)], "remote": "remote",
                   "exits": [{"name": "remote", "where": "server", "tensor": "logits"}]}],
        "labels": dataset.labels,
        "trained": {
            "command": command, "seed": config.seed, "backbone": config.backbone,
            "pretrained": backbone.about(config.backbone).get("pretrained") or None,
            "epochs": config.tuning.epochs, "heldOut": config.heldOut,
            "accuracy": {"float": {"remote": round(100 * whole / total, 2)},
                         "int8": {"remote": round(100 * right / total, 2)}},
            **({"payload": round(size / total, 1)} if network.setting else {}),
        },
    }
    bundle.write(folder, None, remote, manifest)
    print(json.dumps(manifest["trained"], indent=2))
    return manifest


def _send(config) -> dict:
    """Raw values are coded by LZW, as in the paper; a picture is coded already."""
    send = {"tensor": "image", "to": "image"}
    if config.codec.name == "raw":
        send |= {"symbols": [{"symbolOf": list(range(256)),
                              "valueOf": [float(np.float32(v) / np.float32(255))
                                          for v in range(256)]}],
                 "coder": {"name": "lzw"}}
    return send
