"""An `ordered` model as a bundle: graphs, tables, and the figures of the chain that runs in the field."""

import copy
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

from . import (backbone, bundle, curve, export_onnx, export_tflite, ordered_device, quantise_onnx,
               saved_batch)
from .attribution import Attributor
from .body import Body
from .data import Dataset, on_device, to_float
from .layouts import Split
from .ordered_model import Entrance, OrderedModel
from .stream import drawn_units

BATCH = 250
# Training images that say what the remote network's 8 bits must reach.
CALIBRATION, CALIBRATION_BATCH = 500, 25
# Of which test images importance is measured: it takes a few times an answer's time.
IMPORTANCE = 2000


def remote_body(model: OrderedModel) -> Body:
    """The remote network behind a 1x1 convolution that adds up each channel's units. Its sums are in
    steps: so every channel is of like size, and 8 bits serve all of them."""
    table, stream = ordered_device.units(model), model.stream
    merge = nn.Conv2d(len(table), stream.channels, 1, bias=False)
    entry = copy.deepcopy(model.remote.adapter)
    with torch.no_grad():
        merge.weight.zero_()
        for place, unit in enumerate(table):
            merge.weight[unit.channel, place] = 1
        entry[0].conv.weight /= stream.log_scale.exp().view(1, -1, 1, 1)
    remote = model.remote
    body = Body(nn.Sequential(merge, *entry), remote.trunk, *remote.dense.weight.shape[::-1])
    body.dense = remote.dense
    return body.eval()


class Chain:
    """The int8 device graph, the tables, ONNX Runtime and alpha."""

    def __init__(self, model: OrderedModel, dataset: Dataset, config):
        self.model = model.eval()
        self.table = ordered_device.units(model)
        self.device = ordered_device.graph(model, dataset)
        cells = self.device.tensors["features"].shape[1]
        body = remote_body(model)
        if config.remoteArithmetic == "int8":
            self.remote = quantise_onnx.quantised(
                export_onnx.in_float(body, len(self.table), cells),
                self._examples(dataset.train.images[:CALIBRATION]))
        else:
            self.remote = export_onnx.serialise(body, len(self.table), cells,
                                                config.network.remotePrecision)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        self.session = onnxruntime.InferenceSession(self.remote, options, ["CPUExecutionProvider"])
        with torch.no_grad():
            self.alpha = [float(a) for a in model.alpha(torch.arange(len(self.table) + 1))]

    def _examples(self, images: torch.Tensor) -> list[np.ndarray]:
        """What the remote network may be given of images: their streams cut anywhere, or not at all."""
        torch.manual_seed(0)
        found = []
        for part in images.split(CALIBRATION_BATCH):
            symbols = ordered_device.symbols_of(self.device, self.table, part)[0]
            came = drawn_units(len(part), len(self.table))
            found.append(ordered_device.received(symbols, self.table, came))
        return found

    def coder(self, images: torch.Tensor) -> curve.Coder:
        """Fitted on the int8 features of images."""
        return curve.Coder(self.model.stream, self._features(images))

    def _features(self, images: torch.Tensor) -> torch.Tensor:
        scale = self.model.stream.log_scale.exp().detach()
        return torch.cat([ordered_device.symbols_of(self.device, self.table, part)[1] / scale
                          for part in images.split(BATCH)])

    def measure(self, split: Split, coder: curve.Coder, budgets: list[float],
                count: int | None = None) -> list[dict[str, float]]:
        """For each of the budgets percent right, where each image's stream is cut at the last whole
        unit within so many bytes, and the mean of the bytes."""
        total = min(count or len(split), len(split))
        rows = [dict.fromkeys(("combined", "local", "remote", "bytes"), 0.0) for _ in budgets]
        alpha = np.array(self.alpha, np.float32)
        scale = self.model.stream.log_scale.exp().detach()
        for begin in range(0, total, BATCH):
            part = slice(begin, min(begin + BATCH, total))
            symbols, steps, local = ordered_device.symbols_of(
                self.device, self.table, split.images[part])
            sizes, labels = coder.bytes_by_units(steps / scale), split.labels[part].numpy()
            for row, budget in zip(rows, budgets):
                came = (sizes <= budget).sum(1) - 1
                values = ordered_device.received(symbols, self.table, came)
                remote = self.session.run(["logits"], {"features": values})[0]
                a = alpha[came.numpy()][:, None]
                combined = a * local.numpy() + (np.float32(1) - a) * remote
                row["bytes"] += float(sizes.gather(1, came[:, None]).sum()) / total
                for name, answer in (("combined", combined), ("local", local.numpy()),
                                     ("remote", remote)):
                    row[name] += 100.0 * int((answer.argmax(1) == labels).sum()) / total
        return rows

    def path(self) -> dict:
        """Of the manifest. The coder is LZW until `agilenn-lab fit-coder` gives it tables."""
        return {
            "name": "offload", "device": "device",
            "sends": [{"tensor": "features", "to": "features",
                       "channels": [unit.channel for unit in self.table],
                       "symbols": [{"symbolOf": unit.symbol_of, "valueOf": unit.value_of}
                                   for unit in self.table],
                       "coder": {"name": "lzw"},
                       "missing": [unit.missing for unit in self.table]}],
            "remote": "remote",
            "exits": [{"name": "local", "where": "device", "tensor": "localLogits",
                       "alpha": self.alpha},
                      {"name": "remote", "where": "server", "tensor": "logits"}],
        }


def importance(model: OrderedModel, attributor: Attributor, dataset: Dataset,
               k: int) -> dict[str, float]:
    """Percent: skewness and violations over the test images that the reference network gets right,
    and how many those are."""
    parts, split = [], dataset.test
    for begin in range(0, min(IMPORTANCE, len(split)), BATCH):
        part = slice(begin, min(begin + BATCH, IMPORTANCE))
        with torch.no_grad():
            features = model.extractor(to_float(split.images[part], dataset.side))
        parts.append(attributor.importance(features, on_device(split.labels[part])))
    found, right = (torch.cat(column) for column in zip(*parts))
    return {**saved_batch.figures(found, right, k),
            "referenceAccuracy": 100.0 * float(right.float().mean())}


def export(config, command: str, training, dataset: Dataset, folder: Path,
           budgets: list[float]) -> dict:
    """Writes the bundle of a `Training` that went through its stages into `folder`, and returns its
    manifest."""
    model, joint, network = training.model, config.joint, config.network
    chain = Chain(model, dataset, config)
    coder = chain.coder(dataset.train.images[:5000])
    *rows, whole = ({name: round(value, 2) for name, value in row.items()} for row in
                    chain.measure(dataset.test, coder, [*budgets, float("inf")]))
    print(f"budgets {budgets}: {rows}\nwhole: {whole}", file=sys.stderr)
    saved_batch.write(folder, model.extractor, joint.important, training.reference, dataset,
                      Entrance(network.channels, network.entry, network.entryWidth))
    batch = saved_batch.recompute(folder / saved_batch.NAME, config.backbone, joint.attribution,
                                  joint.attributionSteps)
    figures = importance(model, training.attributor(), dataset, joint.important)
    manifest = {
        "format": 2, "scheme": "agilenn", "dataset": config.dataset.name,
        "input": {"width": dataset.side, "height": dataset.side, "resize": "none", "fit": "stretch"},
        "graphs": {}, "paths": [chain.path()], "labels": dataset.labels,
        "trained": {
            "command": command, "seed": config.seed, "backbone": config.backbone,
            "pretrained": backbone.about(config.backbone).get("pretrained") or None,
            "epochs": sum(getattr(config, name).epochs for name in ("match", "joint", "local")),
            "heldOut": config.heldOut,
            "accuracy": {"int8": {name: whole[name] for name in ("combined", "local", "remote")}},
            **{name: round(value, 2) for name, value in figures.items()},
            "savedBatch": {"images": min(saved_batch.COUNT, len(dataset.test)),
                           **{name: round(value, 2) for name, value in batch.items()}},
            "importantChannels": joint.important,
            "rho": joint.rho if joint.xaiShare else None,
            "importance": f"{joint.attribution}-{joint.attributionSteps}",
            "importanceShareOfBatch": joint.xaiShare,
            "estimatedBytes": whole["bytes"],
            "budgets": [{"budget": budget, **row} for budget, row in zip(budgets, rows)],
        },
    }
    device = export_tflite.serialise(chain.device, f"{config.name}: device half")
    bundle.write(folder, device, chain.remote, manifest)
    print(json.dumps(manifest["trained"], indent=2))
    return manifest
