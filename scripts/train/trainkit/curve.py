"""Accuracy over bytes: what each prefix of the stream is worth, and what it costs.

Bytes are estimates: static code lengths by channel and by the neighbours to the left and above, fitted
on training images. The project's own coder is measured by `agilenn-lab`.
"""

import torch

from .data import to_float
from .layouts import Split
from .stream import FACTOR, LEVELS, REACH, coarser

BATCH = 250


def neighbours(numbers: torch.Tensor) -> torch.Tensor:
    """From 0 to 4: how far from zero the numbers to the left and above are."""
    size = numbers.abs().clamp_max(2)
    found = torch.zeros_like(size)
    found[..., 1:] += size[..., :-1]
    found[..., 1:, :] += size[..., :-1, :]
    return found


def levels(stream, features: torch.Tensor):
    """-> for each level of the stream: symbols from 0 [B,C,H,W], how many there can be, the context of
    each, which the receiver knows too, and how many contexts there are."""
    first, *rests = stream.symbols(features)
    most = int(coarser(torch.tensor(float(REACH))))
    for _ in range(LEVELS - 2):
        most = int(coarser(torch.tensor(float(most))))
    yield first + most, 2 * most + 1, neighbours(first), 5
    known = first
    for rest in rests:
        yield rest + FACTOR // 2, FACTOR, 5 * (known.clamp(-1, 1) + 1) + neighbours(known), 15
        known = FACTOR * known + rest


class Coder:
    """Code lengths in bits by (channel, context, symbol) for each level of the stream."""

    def __init__(self, stream, features: torch.Tensor):
        self.stream, self.lengths = stream, []
        channels = features.shape[1]
        place = torch.arange(channels)[None, :, None, None]
        for symbols, count, contexts, kinds in levels(stream, features):
            index = (place * kinds + contexts) * count + symbols
            counts = torch.bincount(index.flatten(), minlength=channels * kinds * count)
            counts = counts.view(channels * kinds, count).double() + 0.05
            self.lengths.append(-(counts / counts.sum(1, keepdim=True)).log2().flatten())

    def bytes_by_units(self, features: torch.Tensor) -> torch.Tensor:
        """[B,units+1]: the bytes of every prefix of each image's stream, from none of it on."""
        parts = []
        place = torch.arange(features.shape[1])[None, :, None, None]
        for lengths, (symbols, count, contexts, kinds) in zip(
                self.lengths, levels(self.stream, features)):
            index = (place * kinds + contexts) * count + symbols
            parts.append(lengths[index].sum(dim=(2, 3)))
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


def at_budgets(model, coder: Coder, split: Split, budgets: list[int]) -> list[dict[str, float]]:
    """Each image's stream is cut at the last unit that fits into so many bytes."""
    model.eval()
    features = features_of(model, split.images, split.images.shape[1])
    sizes = coder.bytes_by_units(features)
    rows = []
    for budget in budgets:
        units = (sizes <= budget).sum(1) - 1
        combined, local, remote = answers(model, features, units)
        spent = sizes.gather(1, units[:, None]).mean()
        rows.append({"budget": budget, "bytes": float(spent), "units": float(units.float().mean()),
                     "combined": right(combined, split.labels), "local": right(local, split.labels),
                     "remote": right(remote, split.labels)})
    return rows
