"""AgileNN's losses on the channel importance (paper 3.2, equations for skewness and disorder).

`importance` is [B,C] with rows that sum to one; the first `k` channels stay on the device.
`right` [B] masks the samples that the reference network classifies correctly: only they count.
"""

import torch


def skewness(importance: torch.Tensor, k: int) -> torch.Tensor:
    """[B]: the share of importance that the first k channels hold."""
    return importance[:, :k].sum(dim=1)


def skewness_loss(importance: torch.Tensor, k: int, rho: float) -> torch.Tensor:
    """[B]: max(0, rho - ||I1||_1)."""
    return (rho - skewness(importance, k)).clamp_min(0.0)


def disorder_loss(importance: torch.Tensor, k: int) -> torch.Tensor:
    """[B]: max(0, max(I2) - min(I1))."""
    lowest = importance[:, :k].min(dim=1).values
    highest = importance[:, k:].max(dim=1).values
    return (highest - lowest).clamp_min(0.0)


def masked_mean(values: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    mask = right.to(values.dtype)
    return (values * mask).sum() / mask.sum().clamp_min(1.0)


def importance_loss(k: int, rho: float, disorder_weight: float = 1.0):
    """L_skewness + disorder_weight * L_disorder as an objective for `Attributor.loss`."""

    def objective(importance: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        return masked_mean(
            skewness_loss(importance, k, rho)
            + disorder_weight * disorder_loss(importance, k), right)

    return objective
