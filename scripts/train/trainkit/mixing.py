"""Alpha anew, where the local network has changed since all were trained jointly.

The cross-entropy of alpha * local + (1 - alpha) * remote is convex in alpha: its least is found by
golden section over training images, against the targets that the joint training had.
"""

import torch
import torch.nn.functional as F

from .data import Batch, Dataset, on_device
from .model import AgileModel
from .targets import Targets

IMAGES, BATCH = 5000, 500
GOLDEN = (5**0.5 - 1) / 2


def best_alpha(local: torch.Tensor, remote: torch.Tensor, targets: torch.Tensor) -> float:
    """logits and probabilities [N,classes] -> alpha in (0,1)."""
    local, remote, targets = local.double(), remote.double(), targets.double()

    def loss(alpha: float) -> float:
        return float(F.cross_entropy(alpha * local + (1 - alpha) * remote, targets))

    low, high = 0.001, 0.999
    while high - low > 1e-4:
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return (low + high) / 2


def refit(model: AgileModel, dataset: Dataset, targets: Targets) -> None:
    """Sets `model`'s alpha. In evaluation mode."""
    parts = []
    for index in torch.arange(min(IMAGES, len(dataset.train)), device="cpu").split(BATCH):
        batch = Batch(dataset.train.images[index], on_device(dataset.train.labels[index]), index,
                      dataset.side)
        with torch.no_grad():
            _, local, remote, _ = model.answer(model.extractor(batch.images))
        parts.append((local, remote, targets(batch)))
    alpha = best_alpha(*(torch.cat(column) for column in zip(*parts)))
    with torch.no_grad():
        model.mixing.copy_(torch.tensor(alpha).logit() * model.temperature)
