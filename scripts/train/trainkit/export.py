"""From a trained model to a bundle on disk."""

import sys
from pathlib import Path

import torch

from . import bundle, evaluate, export_onnx, export_tflite, saved_batch
from .attribution import Attributor
from .body import Body
from .config import Config
from .data import Dataset, to_float
from .model import AgileModel
from .quantise_graph import DeviceNetwork, device_graph, ranges

CALIBRATION_IMAGES = 1000


def calibrated_graph(model: AgileModel, dataset: Dataset, count: int = CALIBRATION_IMAGES):
    network = DeviceNetwork.of(model)
    parts = dataset.train.images[:count].split(250)
    found = ranges(network, (to_float(part, dataset.side) for part in parts))
    return device_graph(network, found, dataset.side)


def export(config: Config, command: str, model: AgileModel, reference: Body,
           attributor: Attributor, dataset: Dataset, folder: Path) -> dict:
    """Writes the bundle into `folder` and returns its manifest."""
    model.eval()
    graph = calibrated_graph(model, dataset)
    height, width, channels = graph.tensors["features"].shape[1:]
    remote = export_onnx.serialise(model.remote, channels, height, config.network.remotePrecision)
    device = export_tflite.serialise(graph, f"{config.name}: device half")
    symbol_of, value_of = bundle.symbol_tables(graph, model.quantiser.centres)
    alpha = float(model.alpha.detach())

    figures = evaluate.agile(model, attributor, dataset, model.k,
                             xai_count=len(dataset.test))
    chain = bundle.evaluate_int8(graph, remote, symbol_of, value_of, alpha, dataset)
    print(f"float: {figures}\nint8: {chain}", file=sys.stderr)

    def three(numbers):
        return {name: round(numbers[name], 2) for name in ("combined", "local", "remote")}

    is_scaled = dataset.side != dataset.test.images.shape[1]
    resize = "bilinear" if is_scaled else "none"
    saved_batch.write(folder, model.extractor, model.k, reference, dataset)
    batch = saved_batch.recompute(folder / saved_batch.NAME, config.backbone,
                                  config.joint.attribution, config.joint.attributionSteps)
    manifest = {
        "format": bundle.FORMAT,
        "scheme": config.scheme,
        "dataset": config.dataset.name,
        "input": {"width": dataset.side, "height": dataset.side, "resize": resize, "fit": "stretch"},
        "graphs": {},
        "paths": [bundle.offload_path(symbol_of, value_of, alpha)],
        "labels": dataset.labels,
        "trained": {
            "command": command,
            "seed": config.seed,
            "backbone": config.backbone,
            "epochs": sum(stage.epochs for stage in config.stages.values()),
            "accuracy": {"float": three(figures), "int8": three(chain)},
            "skewness": round(figures["skewness"], 2),
            "violations": round(figures["violations"], 2),
            "savedBatch": {"images": min(saved_batch.COUNT, len(dataset.test)),
                           **{name: round(value, 2) for name, value in batch.items()}},
            "rho": config.joint.rho,
            "lambda": config.joint.lambda_,
            "importance": f"{config.joint.attribution}-{config.joint.attributionSteps}",
            "importanceShareOfBatch": config.joint.xaiShare,
            "referenceAccuracy": round(figures["reference"], 2),
            "meanLzwBytes": round(chain["payload"], 1),
            "pretrained": None,
        },
    }
    bundle.write(folder, device, remote, manifest)
    return manifest
