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
from .ordered_model import Entrance, remote_network

NAME = "importance.npz"
COUNT = 200


def coded(features: torch.Tensor) -> tuple[torch.Tensor, np.ndarray, np.ndarray]:
    """[N,C,H,W] -> uint8 codes, and the scale and the offset [1,C,1,1] that turn each channel's back."""
    low = features.amin(dim=(0, 2, 3), keepdim=True)
    scale = (features.amax(dim=(0, 2, 3), keepdim=True) - low).clamp_min(1e-6) / 255
    codes = ((features - low) / scale).round().to(torch.uint8)
    return codes, scale.double().numpy(), low.double().numpy()


def write(folder: Path, extractor, k: int, reference: Body, dataset: Dataset,
          entrance: Entrance | None = None) -> None:
    """`k`: how many channels are to be the important ones. `reference`: with its batch norms;
    `entrance`: how its adapter enters a Lite0, where it does."""
    with torch.no_grad():
        features = extractor(to_float(dataset.test.images[:COUNT], dataset.side))
    codes, scale, low = coded(features)
    form = {} if entrance is None else {"entry": entrance.entry, "entryWidth": entrance.entryWidth}
    # A Lite0's entry is large; half precision is as good here, because it is read again before
    # it counts.
    kept = np.float16 if form else np.float32
    adapter = {f"adapter.{name}": tensor.numpy().astype(kept) if tensor.ndim > 1 else tensor.numpy()
               for name, tensor in reference.adapter.state_dict().items()}
    content = io.BytesIO()
    np.savez_compressed(
        content, codes=codes.contiguous().numpy(), scale=scale, low=low,
        labels=dataset.test.labels[:COUNT].numpy(), k=np.int64(k),
        **{name: np.int64(value) for name, value in form.items()}, **adapter)
    files.write(folder / NAME, content.getvalue())


def read(path: Path, name: str) -> tuple[torch.Tensor, torch.Tensor, int, Body]:
    """-> features [N,C,H,W], labels [N], k, the reference network folded, of the backbone `name`."""
    with np.load(path, allow_pickle=False) as arrays:
        content = {key: torch.from_numpy(arrays[key]) for key in arrays}
    features = content["codes"].float() * content["scale"].float() + content["low"].float()
    adapter = {key: tensor.float() if tensor.ndim > 1 else tensor
               for key, tensor in content.items() if key.startswith("adapter.")}
    channels, side = features.shape[1:3]
    if "entry" in content:
        body = remote_network(
            name, Entrance(channels, int(content["entry"]), int(content["entryWidth"])), side)
    else:
        body = plain(channels, side, backbone.widths(name), backbone.classes(name))
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
