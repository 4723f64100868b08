"""What is sent, in order, so that any prefix of it is worth something.

Each channel is rounded to whole steps of its own size, and goes out in `LEVELS` units: first the nearest
multiple of `FACTOR`^(LEVELS-1) steps, then for each finer level which of the `FACTOR` multiples around
that it is. The stream is all channels' first units in the order of the channels, then all second ones,
and so on. While training, each image's stream is cut somewhere (tail-dropping, as in Progressive Neural
Compression by Wang and others, 2023), and a learned value stands for each channel that did not come.

The bits are those of a logistic density for each channel whose centre and width are learned (Balle and
others, 2017), of the value plus uniform noise, which has a gradient; a finer level costs what its value
costs beyond the coarser one.
"""

import torch
from torch import nn

FACTOR, LEVELS = 3, 3
# The most steps from zero: the device's int8 features have room for half a step each.
REACH = 60


def coarser(values: torch.Tensor) -> torch.Tensor:
    """Whole numbers of one level -> the nearest of the next coarser, whole too."""
    return torch.floor((values + FACTOR // 2) / FACTOR)


class Stream(nn.Module):
    """features [B,C,H,W] and how many of the units came [B] -> the features as received, [B,C,H,W], and
    the bits [B] of what was sent."""

    def __init__(self, channels: int, step: float):
        super().__init__()
        self.channels = channels
        self.log_scale = nn.Parameter(torch.full((channels, 1, 1), 1 / step).log())
        self.middle = nn.Parameter(torch.zeros(channels, 1, 1))
        self.log_width = nn.Parameter(torch.zeros(channels, 1, 1))
        self.missing = nn.Parameter(torch.zeros(channels, 1, 1))

    @property
    def units(self) -> int:
        return LEVELS * self.channels

    def start_from(self, features: torch.Tensor) -> None:
        """The prior's centre and width from sample features; the standard deviation of a logistic
        density is pi / sqrt(3) of its width."""
        with torch.no_grad():
            steps = self.steps(features)
            self.middle.copy_(steps.mean(dim=(0, 2, 3))[:, None, None])
            deviation = steps.std(dim=(0, 2, 3))[:, None, None].clamp_min(0.1)
            self.log_width.copy_((deviation * 3**0.5 / torch.pi).log())

    def steps(self, features: torch.Tensor) -> torch.Tensor:
        """The features in steps, before rounding."""
        return features * self.log_scale.exp()

    def levels(self, held: torch.Tensor) -> list[torch.Tensor]:
        """Steps within `REACH` -> the whole numbers of each level, the coarsest first."""
        found = [held.round()]
        for _ in range(LEVELS - 1):
            found.insert(0, coarser(found[0]))
        return found

    def symbols(self, features: torch.Tensor) -> list[torch.Tensor]:
        """-> int64 [B,C,H,W] for each level: the coarsest number, then what each next one adds to
        `FACTOR` times the one before, all around 0."""
        found = self.levels(self.steps(features).clamp(-REACH, REACH))
        rests = [fine - FACTOR * coarse for coarse, fine in zip(found, found[1:])]
        return [symbols.long() for symbols in (found[0], *rests)]

    def sent(self, units: torch.Tensor) -> list[torch.Tensor]:
        """units [B] -> masks [B,C,1,1] for each level: the channels of which it came."""
        place = torch.arange(self.channels, device=units.device)[None, :, None, None]
        came = units[:, None, None, None]
        return [place + level * self.channels < came for level in range(LEVELS)]

    def code_length(self, steps: torch.Tensor, interval: float) -> torch.Tensor:
        """Bits of the interval of that many steps around each value."""
        width = self.log_width.exp()
        above = torch.sigmoid((steps + interval / 2 - self.middle) / width)
        below = torch.sigmoid((steps - interval / 2 - self.middle) / width)
        return -(above - below).clamp_min(1e-6).log2()

    def forward(self, features: torch.Tensor, units: torch.Tensor):
        steps = self.steps(features)
        held = steps.clamp(-REACH, REACH)
        noise = torch.rand_like(steps) - 0.5
        received, bits, before = self.missing.expand_as(steps), 0.0, 0.0
        for level, (numbers, came) in enumerate(zip(self.levels(held.detach()), self.sent(units))):
            size = FACTOR ** (LEVELS - 1 - level)
            received = torch.where(came, held + (size * numbers - held).detach(), received)
            length = self.code_length(steps + size * noise, size)
            bits = bits + ((length - before).clamp_min(0.0) * came).sum(dim=(1, 2, 3))
            before = length
        return received / self.log_scale.exp(), bits
