"""What is sent, in order, so that any prefix of it is worth something.

Each channel is rounded to whole steps of its own size. It goes out in two units: first its coarse part,
the nearest multiple of `COARSE` steps, and later the rest, one of `COARSE` values. The stream is all
channels' coarse parts and then all channels' rests. While training, each image's stream is cut somewhere
(tail-dropping, as in Progressive Neural Compression by Wang and others, 2023), and a learned value stands
for each channel that did not come.

The bits are those of a logistic density for each channel whose centre and width are learned (Balle and
others, 2017), of the value plus uniform noise, which has a gradient; the rest costs what the fine value
costs beyond the coarse one.
"""

import torch
from torch import nn

COARSE = 3
# The most steps from zero: the device's int8 features have room for a third of a step each.
REACH = 40


class Stream(nn.Module):
    """features [B,C,H,W] and units [B] of the 2C that came -> the features as received, [B,C,H,W], and
    the bits [B] of what was sent."""

    def __init__(self, channels: int, step: float):
        super().__init__()
        self.channels = channels
        self.log_scale = nn.Parameter(torch.full((channels, 1, 1), 1 / step).log())
        self.middle = nn.Parameter(torch.zeros(channels, 1, 1))
        self.log_width = nn.Parameter(torch.zeros(channels, 1, 1))
        self.missing = nn.Parameter(torch.zeros(channels, 1, 1))
        self.noisy = True

    @property
    def units(self) -> int:
        return 2 * self.channels

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

    def symbols(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """-> int64 [B,C,H,W]: coarse ones, in units of `COARSE` steps, and the rest, both around 0."""
        fine = self.steps(features).round().clamp(-REACH, REACH).long()
        coarse = torch.div(fine + COARSE // 2, COARSE, rounding_mode="floor")
        return coarse, fine - COARSE * coarse

    def sent(self, units: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """units [B] -> masks [B,C,1,1]: the channels whose coarse part came, and whose rest came."""
        place = torch.arange(self.channels, device=units.device)[None, :, None, None]
        came = units[:, None, None, None]
        return place < came, place + self.channels < came

    def code_length(self, steps: torch.Tensor, interval: float) -> torch.Tensor:
        """Bits of the interval of that many steps around each value."""
        width = self.log_width.exp()
        above = torch.sigmoid((steps + interval / 2 - self.middle) / width)
        below = torch.sigmoid((steps - interval / 2 - self.middle) / width)
        return -(above - below).clamp_min(1e-6).log2()

    def forward(self, features: torch.Tensor, units: torch.Tensor):
        steps = self.steps(features)
        held = steps.clamp(-REACH, REACH)
        fine = held.round()
        coarse = COARSE * ((fine + COARSE // 2) / COARSE).floor()
        has_coarse, has_rest = self.sent(units)
        received = torch.where(has_rest, fine, coarse)
        received = held + (received - held).detach()
        received = torch.where(has_coarse, received, self.missing)
        noise = torch.rand_like(steps) - 0.5 if self.noisy else torch.zeros_like(steps)
        first = self.code_length(steps + COARSE * noise, COARSE)
        rest = (self.code_length(steps + noise, 1.0) - first).clamp_min(0.0)
        bits = (first * has_coarse + rest * has_rest).sum(dim=(1, 2, 3))
        return received / self.log_scale.exp(), bits
