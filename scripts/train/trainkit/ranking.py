"""Stage 1b: the channels that most often hold the most important features come first.

The published system learns with a mapping layer that is dropped after training; a permutation of
the extractor's last convolution and of the reference network's first is the same thing.
"""

import torch

from .attribution import Attributor
from .data import Dataset, on_device, to_float
from .model import ReferenceModel


def count_top(importance: torch.Tensor, k: int) -> torch.Tensor:
    """[B,C] -> [C]: in how many samples a channel is among the k most important."""
    top = importance.topk(k, dim=1).indices
    return torch.bincount(top.flatten(), minlength=importance.shape[1])


def rank(model: ReferenceModel, attributor: Attributor, dataset: Dataset, k: int,
         count: int, batch: int = 250) -> tuple[torch.Tensor, torch.Tensor]:
    """-> the order of the channels, best first, and their counts, over `count` images of
    which those that the reference network gets right count."""
    split = dataset.train
    totals = torch.zeros(attributor.baseline.shape[1], dtype=torch.int64)
    count = min(count, len(split))
    for begin in range(0, count, batch):
        part = slice(begin, min(begin + batch, count))
        with torch.no_grad():
            features = model.extractor(to_float(split.images[part], dataset.side))
        importance, right = attributor.importance(features, on_device(split.labels[part]))
        totals += count_top(importance[right], k)
    return torch.argsort(totals, descending=True, stable=True), totals


def reorder(model: ReferenceModel, order: torch.Tensor) -> None:
    """Permutes the feature channels in place; the model's logits stay what they were."""
    last = model.extractor[-1]
    tensors = [last.conv.weight]
    if last.norm is not None:
        tensors += [last.norm.weight, last.norm.bias, last.norm.running_mean, last.norm.running_var]
    if last.conv.bias is not None:
        tensors.append(last.conv.bias)
    first = model.reference.adapter[0].conv
    with torch.no_grad():
        for tensor in tensors:
            tensor.copy_(tensor[order])
        first.weight.copy_(first.weight[:, order])
