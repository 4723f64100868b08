"""A uniform quantiser with a learned rate: the values are rounded, and a factorised logistic prior
says how many bits that takes (Balle and others, 2017).

Forward a value becomes the nearest multiple of a step within +-`reach` steps; backward its gradient
passes straight through. The step is set once, from sample values: what comes later the extractor
learns by making its features larger or smaller. The bits are those of the value plus uniform noise,
which has a gradient, under a logistic density for each channel whose centre and width are learned.
"""

import torch
from torch import nn

from .quantiser import nearest


# Steps in a standard deviation of the sample values: about three bits a symbol to begin with.
FINENESS = 2.0


class RoundingQuantiser(nn.Module):
    """In the place of `Quantiser`: its centres are the multiples of its step."""

    def __init__(self, channels: int, reach: int):
        super().__init__()
        self.reach = reach
        self.register_buffer("step", torch.ones(()))
        self.middle = nn.Parameter(torch.zeros(channels, 1, 1))
        self.log_width = nn.Parameter(torch.zeros(channels, 1, 1))

    @property
    def centres(self) -> torch.Tensor:
        return self.step * torch.arange(-self.reach, self.reach + 1)

    def start_from(self, values: torch.Tensor) -> None:
        """The step, and the prior's centre and width, from sample values [B,C,H,W]; the standard
        deviation of a logistic density is pi / sqrt(3) of its width."""
        with torch.no_grad():
            self.step.copy_((values.std() / FINENESS).clamp_min(1e-6))
            steps = values / self.step
            self.middle.copy_(steps.mean(dim=(0, 2, 3))[:, None, None])
            deviation = steps.std(dim=(0, 2, 3))[:, None, None].clamp_min(1e-2)
            self.log_width.copy_((deviation * 3**0.5 / torch.pi).log())

    def symbols(self, values: torch.Tensor) -> torch.Tensor:
        return nearest(values, self.centres)

    def bits(self, steps: torch.Tensor) -> torch.Tensor:
        """[B,C,H,W] in steps -> the mean code length of the interval of one around each value."""
        width = self.log_width.exp()
        above = torch.sigmoid((steps + 0.5 - self.middle) / width)
        below = torch.sigmoid((steps - 0.5 - self.middle) / width)
        return -(above - below).clamp_min(1e-9).log2().mean()

    def forward(self, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """[B,C,H,W] -> quantised values [B,C,H,W], mean bits a symbol (scalar)."""
        steps = values / self.step
        held = steps.clamp(-self.reach, self.reach)
        hard = held + (held.round() - held).detach()
        noise = torch.rand_like(steps) - 0.5
        return hard * self.step, self.bits(steps + noise)
