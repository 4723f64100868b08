"""Accuracy over bytes: what each prefix of the stream is worth, and what it costs.

Bytes are estimates: static code lengths by channel and by the neighbours to the left and above, fitted
on training images. The project's own coder is measured by `agilenn-lab`.
"""

import torch

from .data import to_float
from .layouts import Split
from .stream import FACTOR

BATCH = 250


def neighbours(numbers: torch.Tensor) -> torch.Tensor:
    """From 0 to 4: how far from zero the numbers to the left and above are."""
    size = numbers.abs().clamp_max(2)
    found = torch.zeros_like(size)
    found[..., 1:] += size[..., :-1]
    found[..., 1:, :] += size[..., :-1, :]
    return found


# Symbols are at most so far from zero: at finer levels channels that have no coarser one are small.
MOST = 40
KINDS = 20


def levels(stream, features: torch.Tensor):
    """-> for each level of the stream: symbols from 0 to 2 MOST and the context of each, which the
    receiver knows too, from 0 to KINDS - 1, both [B,C,H,W]; the channels that have the level [C]."""
    known = torch.zeros_like(features, dtype=torch.int64)
    seen = torch.zeros(features.shape[1], 1, 1, dtype=torch.bool)
    for level, symbols in enumerate(stream.symbols(features)):
        has = stream.has(level)
        is_first = has & ~seen
        own = torch.where(is_first, symbols, known)
        contexts = torch.where(is_first, 15, 5 * (known.clamp(-1, 1) + 1)) + neighbours(own)
        yield symbols.clamp(-MOST, MOST) + MOST, contexts, has.flatten()
        known = torch.where(has, FACTOR * known + symbols, known)
        seen = seen | has


class Coder:
    """Code lengths in bits by (channel, context, symbol) for each level of the stream."""

    def __init__(self, stream, features: torch.Tensor):
        self.stream = stream
        self.lengths = []
        for symbols, contexts, _ in levels(stream, features):
            index = self._index(symbols, contexts)
            shape = features.shape[1] * KINDS, 2 * MOST + 1
            counts = torch.bincount(index.flatten(), minlength=shape[0] * shape[1])
            counts = counts.view(shape).double() + 0.02
            self.lengths.append(-(counts / counts.sum(1, keepdim=True)).log2().flatten())

    @staticmethod
    def _index(symbols: torch.Tensor, contexts: torch.Tensor) -> torch.Tensor:
        place = torch.arange(symbols.shape[1])[None, :, None, None]
        return (place * KINDS + contexts) * (2 * MOST + 1) + symbols

    def bytes_by_units(self, features: torch.Tensor) -> torch.Tensor:
        """[B,units+1]: the bytes of every prefix of each image's stream, from none of it on."""
        parts = []
        for lengths, (symbols, contexts, has) in zip(self.lengths, levels(self.stream, features)):
            bits = lengths[self._index(symbols, contexts)].sum(dim=(2, 3))
            parts.append(bits[:, has])
        cumulative = torch.cat(parts, 1).cumsum(1) / 8
        return torch.cat([torch.zeros(len(features), 1), cumulative.float()], 1)


def features_of(model, images: torch.Tensor, side: int) -> torch.Tensor:
    with torch.no_grad():
        return torch.cat([model.extractor(to_float(part, side)) for part in images.split(BATCH)])


def local_accuracy(model, split: Split) -> float:
    features = features_of(model, split.images, split.images.shape[1])
    with torch.no_grad():
        hits = (model.local_answer(features).argmax(1) == split.labels).float()
    return 100.0 * float(hits.mean())


def answers(model, features: torch.Tensor, units: torch.Tensor):
    """Logits combined, local, remote [N,classes]; units [N]."""
    parts = []
    with torch.no_grad():
        for some, came in zip(features.split(BATCH), units.split(BATCH)):
            parts.append(model.answer(some, came)[:3])
    return tuple(torch.cat(column) for column in zip(*parts))


def right(logits: torch.Tensor, labels: torch.Tensor) -> float:
    return 100.0 * float((logits.argmax(1) == labels).float().mean())


def quick(model, split: Split, count: int = 1000) -> dict[str, float]:
    """The first `count` images at a few cuts, for a log."""
    model.eval()
    images, labels = split.images[:count], split.labels[:count]
    features = features_of(model, images, images.shape[1])
    sizes = Coder(model.stream, features).bytes_by_units(features).mean(0)
    most, found = model.stream.units, {}
    for units in (most // 6, most // 3, 2 * most // 3, most):
        combined, local, remote = answers(model, features, torch.full((len(features),), units))
        found |= {f"bytes{units}": float(sizes[units]), f"combined{units}": right(combined, labels),
                  f"remote{units}": right(remote, labels)}
    return {**found, "local": right(local, labels)}
