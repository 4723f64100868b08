"""What is sent, in order, so that any prefix of it is worth something.

Each channel is rounded to whole steps of its own size, and goes out in units: first the nearest multiple
of `FACTOR`^(LEVELS-1) steps, then for each finer level which of the `FACTOR` multiples around that it is.
The last channels, which would be hardly more than zeros at a coarse level, start at a finer one. The
stream is all units of the coarsest level in the order of the channels, then those of the next, and so on.
While training, each image's stream is cut somewhere (tail-dropping, as in Progressive Neural Compression
by Wang and others, 2023), and a learned value stands for each channel that did not come.

The bits are those of a logistic density for each channel whose centre and width are learned (Balle and
others, 2017), of the value plus uniform noise, which has a gradient; a finer level costs what its value
costs beyond the coarser one.
"""

import torch
from torch import nn

FACTOR, LEVELS = 3, 3
# The device's int8 features are thirds of a step: whole steps are rounded alike on either side.
GRAIN = 3
# The most steps from zero.
REACH = 127 // GRAIN
# A level at which fewer values of a channel are not zero is left out.
LEAST = 0.03
# Of how many images nothing is cut while training.
WHOLE = 0.3


def coarser(values: torch.Tensor) -> torch.Tensor:
    """Whole numbers of one level -> the nearest of the next coarser, whole too."""
    return torch.floor((values + FACTOR // 2) / FACTOR)


def drawn_units(count: int, most: int) -> torch.Tensor:
    """[B]: how many units of each image's stream come: all, or any number, none among them."""
    some = torch.randint(0, most, (count,))
    return torch.where(torch.rand(count) < WHOLE, most, some)


# The rank of what is never sent.
NEVER = 10**6


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
        # [LEVELS,channels]: how many units go before; where a level is left out, before the channel's
        # first.
        self.register_buffer("rank", torch.arange(LEVELS * channels).view(LEVELS, channels))

    @property
    def units(self) -> int:
        return int(self.rank[self.rank < NEVER].max()) + 1

    @property
    def kept(self) -> int:
        """How many channels, the first ones, are never sent."""
        return int((self.rank[-1] >= NEVER).sum())

    def keep(self, count: int) -> None:
        """The first channels stay on the device from here on: nothing stands for them."""
        has = torch.stack([self.has(level)[:, 0, 0] for level in range(LEVELS)])
        has[:, :count] = False
        self._place(has)
        self.rank[:, :count] = NEVER

    def start_from(self, features: torch.Tensor) -> None:
        """Which levels each channel has, and the prior's centre and width, from sample features; the
        standard deviation of a logistic density is pi / sqrt(3) of its width."""
        with torch.no_grad():
            steps = self.steps(features)
            self.middle.copy_(steps.mean(dim=(0, 2, 3))[:, None, None])
            deviation = steps.std(dim=(0, 2, 3))[:, None, None].clamp_min(0.1)
            self.log_width.copy_((deviation * 3**0.5 / torch.pi).log())
            found = self.levels(steps.clamp(-REACH, REACH))
            has = torch.stack([(numbers != 0).float().mean(dim=(0, 2, 3)) >= LEAST
                               for numbers in found])
            has[-1] = True
            # A level holds the first so many channels: the last are the smallest.
            self._place(has.flip(1).cummax(1).values.flip(1))

    def _place(self, has: torch.Tensor) -> None:
        """[LEVELS,channels]: the units that there are get their ranks, level by level."""
        place = (has.flatten().cumsum(0) - 1).view(has.shape)
        for level in reversed(range(LEVELS - 1)):
            place[level] = torch.where(has[level], place[level], place[level + 1])
        self.rank.copy_(place)

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
        """-> int64 [B,C,H,W] for each level, around 0: a channel's first number, then what each next
        one adds to `FACTOR` times the one before; 0 where a level is left out."""
        found = self.levels(self.steps(features).clamp(-REACH, REACH))
        symbols, before = [], torch.zeros_like(found[0])
        for level, numbers in enumerate(found):
            held = torch.where(self.has(level), numbers, 0.0)
            symbols.append((held - FACTOR * before * self.has(level)).long())
            before = held
        return symbols

    def has(self, level: int) -> torch.Tensor:
        """[C,1,1]: the channels that have a unit of this level."""
        if level == LEVELS - 1:
            return (self.rank[level] < NEVER)[:, None, None]
        return (self.rank[level] != self.rank[level + 1])[:, None, None]

    def sent(self, units: torch.Tensor) -> list[torch.Tensor]:
        """units [B] -> masks [B,C,1,1] for each level: the channels of which it, or a finer one in its
        place, came."""
        came = units[:, None, None, None]
        return [rank[None, :, None, None] < came for rank in self.rank]

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
        missing = torch.where(self.has(LEVELS - 1), self.missing, 0.0)
        received, bits, before = missing.expand_as(steps), 0.0, 0.0
        for level, (numbers, came) in enumerate(zip(self.levels(held.detach()), self.sent(units))):
            size = FACTOR ** (LEVELS - 1 - level)
            received = torch.where(came, held + (size * numbers - held).detach(), received)
            length = self.code_length(steps + size * noise, size)
            bits = bits + ((length - before).clamp_min(0.0) * came).sum(dim=(1, 2, 3))
            before = length
        return received / self.log_scale.exp(), bits
