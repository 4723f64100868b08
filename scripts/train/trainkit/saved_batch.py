"""A batch of features beside the bundle, and the adapter that the reference network reads them with:
enough, with the backbone, for anybody to recompute skewness and violations.
"""

import io
from pathlib import Path

import numpy as np
import torch

from . import backbone, files, losses
from .attribution import Attributor
from .body import Body, plain
from .data import Dataset, to_float
from .fold import folded_body
from .model import AgileModel

NAME = "importance.npz"
COUNT = 200


def coded(features: torch.Tensor) -> tuple[torch.Tensor, float, float]:
    """-> uint8 codes, and the scale and the offset that turn them back."""
    low, high = float(features.min()), float(features.max())
    scale = max(high - low, 1e-6) / 255
    return ((features - low) / scale).round().to(torch.uint8), scale, low


def write(folder: Path, model: AgileModel, reference: Body, dataset: Dataset) -> None:
    """`reference`: with its batch norms."""
    with torch.no_grad():
        features = model.extractor(to_float(dataset.test.images[:COUNT], dataset.side))
    codes, scale, low = coded(features)
    content = io.BytesIO()
    np.savez_compressed(
        content, codes=codes.contiguous().numpy(), scale=np.float64(scale), low=np.float64(low),
        labels=dataset.test.labels[:COUNT].numpy(), k=np.int64(model.k),
        **{f"adapter.{name}": tensor.numpy()
           for name, tensor in reference.adapter.state_dict().items()})
    files.write(folder / NAME, content.getvalue())


def read(path: Path, name: str) -> tuple[torch.Tensor, torch.Tensor, int, Body]:
    """-> features [N,C,H,W], labels [N], k, the reference network folded, of the backbone `name`."""
    with np.load(path, allow_pickle=False) as arrays:
        content = {key: torch.from_numpy(arrays[key]) for key in arrays}
    features = content["codes"].float() * float(content["scale"]) + float(content["low"])
    adapter = {key: tensor for key, tensor in content.items() if key.startswith("adapter.")}
    body = plain(features.shape[1], features.shape[2], backbone.widths(name),
                 backbone.classes(name))
    backbone.start(body, name)
    body.load_state_dict({**body.state_dict(), **adapter})
    return features, content["labels"], int(content["k"]), folded_body(body.eval())


def figures(importance: torch.Tensor, right: torch.Tensor, k: int) -> dict[str, float]:
    """Percent, over the samples that the reference network gets right."""
    counted = importance[right]
    return {
        "skewness": 100.0 * float(losses.skewness(counted, k).mean()),
        "violations": 100.0 * float((losses.disorder_loss(counted, k) > 0).float().mean()),
    }


def recompute(path: Path, name: str, method: str, steps: int) -> dict[str, float]:
    features, labels, k, body = read(path, name)
    attributor = Attributor.make(body, method, steps, features.shape[1:], backbone.classes(name))
    importance, right = attributor.importance(features, labels)
    return figures(importance, right, k)
