"""The soft-to-hard quantiser (paper 3.3; Agustsson et al. 2017): learned scalar centres.

Forward a value becomes its nearest centre. Backward the gradient is that of the soft value
s(z) = sum_j p_j c_j with p = softmax(-(z - c)^2 / T). T is `temperature` times the mean squared
gap between centres, so that it keeps its meaning when the centres move together.

Beside the values comes the mean code length in bits of a symbol under each channel's histogram
in the batch (what an adaptive lossless coder can hope for); its gradient goes by the same p.
"""

import torch
from torch import nn

GRID = 2048


class _Quantise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, values, centres, temperature, lengths):
        """values [B,C,H,W], centres [K] ascending, lengths [C,K] bits -> hard values, mean bits."""
        symbols = nearest(values, centres)
        channel = torch.arange(values.shape[1], device=values.device)[None, :, None, None]
        ctx.save_for_backward(values, centres, lengths)
        ctx.temperature = temperature
        return centres[symbols], lengths[channel, symbols].mean()

    @staticmethod
    def backward(ctx, upstream, upstream_bits):
        values, centres, lengths = ctx.saved_tensors
        grid, index = _on_grid(values)
        z, c, steep = grid[:, None], centres[None, :], 2 / ctx.temperature
        p = torch.softmax(-((z - c) ** 2) / ctx.temperature, dim=1)
        soft = (p * c).sum(1, keepdim=True)
        towards = p * (c - soft)
        spread = steep * (towards * c).sum(1)
        gradient = upstream * spread[index]
        tilt = steep * lengths @ towards.t()
        channel = torch.arange(values.shape[1], device=values.device)[None, :, None, None]
        gradient += (upstream_bits / values.numel()) * tilt.flatten()[index + channel * len(grid)]
        pull = p + steep * (z - c) * towards
        weight = torch.zeros_like(grid).index_add_(0, index.flatten(), upstream.flatten())
        return gradient, weight @ pull, None, None


def _on_grid(values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Evenly spaced points over the values' range, and the index of the nearest for each. The
    soft assignment depends on the value alone, so it is computed for the points only. (Each tensor
    names its device: backward runs where PyTorch's default device is not in force.)"""
    low, high = float(values.min()), float(values.max())
    step = max(high - low, 1e-6) / (GRID - 1)
    index = ((values - low) / step).round_().long()
    return low + step * torch.arange(GRID, device=values.device), index


def nearest(values: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
    """Index of the nearest of ascending centres; a tie goes to the lower one."""
    borders = (centres[1:] + centres[:-1]).detach() / 2
    return torch.bucketize(values.detach().contiguous(), borders)


class Quantiser(nn.Module):
    def __init__(self, count: int, temperature: float, top: float = 6.0):
        super().__init__()
        self.temperature = temperature
        self.centres = nn.Parameter(torch.linspace(0.0, top, count))

    def ascending(self) -> torch.Tensor:
        return self.centres.sort().values

    def start_from(self, values: torch.Tensor, rounds: int = 50) -> None:
        """Lloyd's algorithm on sample values, from evenly spaced centres over their range."""
        values = values.detach().flatten()
        low, high = torch.quantile(values[:1_000_000], torch.tensor([0.001, 0.999])).tolist()
        centres = torch.linspace(low, high, len(self.centres))
        for _ in range(rounds):
            symbols = nearest(values, centres)
            counts = torch.bincount(symbols, minlength=len(centres))
            sums = torch.zeros(len(centres)).index_add_(0, symbols, values)
            centres = torch.where(counts > 0, sums / counts.clamp_min(1), centres)
            centres = centres.sort().values
        with torch.no_grad():
            self.centres.copy_(centres)

    def symbols(self, values: torch.Tensor) -> torch.Tensor:
        return nearest(values, self.ascending())

    def forward(self, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """[B,C,H,W] -> nearest centres [B,C,H,W], mean bits a symbol (scalar)."""
        centres = self.ascending()
        gaps = (centres[1:] - centres[:-1]).detach()
        temperature = self.temperature * float((gaps * gaps).mean().clamp_min(1e-6))
        lengths = code_lengths(nearest(values, centres), len(centres))
        return _Quantise.apply(values, centres, temperature, lengths)


def code_lengths(symbols: torch.Tensor, count: int) -> torch.Tensor:
    """[B,C,H,W] symbols -> [C,count] bits: -log2 of each channel's smoothed histogram."""
    channels = symbols.shape[1]
    offset = torch.arange(channels)[None, :, None, None] * count
    histogram = torch.bincount((symbols + offset).flatten(), minlength=channels * count)
    histogram = histogram.view(channels, count).float() + 0.5
    return -(histogram / histogram.sum(1, keepdim=True)).log2()


def entropy(symbols: torch.Tensor, count: int) -> float:
    """Mean bits a symbol of [B,C,H,W] under the channels' histograms."""
    lengths = code_lengths(symbols, count)
    channel = torch.arange(symbols.shape[1])[None, :, None, None]
    return float(lengths[channel, symbols].mean())
