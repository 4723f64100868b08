"""What is reported: accuracies, skewness, violations and the payload, over test images."""

import torch

from . import losses
from .data import Dataset, on_device, to_float
from .layouts import Split
from .lzw import encoded_bytes
from .quantiser import entropy

BATCH = 500


def accuracy(forward, dataset: Dataset, count: int | None = None,
             split: Split | None = None) -> float:
    """Percent right of the first `count` of a split, the test images unless another is given;
    `forward`: float images -> logits."""
    split = split or dataset.test
    right, total = 0, min(count or len(split), len(split))
    with torch.inference_mode():
        for begin in range(0, total, BATCH):
            part = slice(begin, min(begin + BATCH, total))
            logits = forward(to_float(split.images[part], dataset.side))
            right += int((logits.argmax(1) == on_device(split.labels[part])).sum())
    return 100.0 * right / total


def agile(model, attributor, dataset: Dataset, k: int, count: int | None = None,
          xai_count: int = 2000, payload_count: int = 100) -> dict[str, float]:
    """Percentages of the float model with hard quantisation; `payload` in mean LZW bytes.

    skewness: mean share of importance in the first k channels; violations: share of samples in
    which some sent channel outweighs some kept one. Both over what the reference network gets
    right (`reference`: how much that is).
    """
    split = dataset.test
    total = min(count or len(split), len(split))
    hits = {"combined": 0, "local": 0, "remote": 0}
    skewness, violations, right_count, seen = 0.0, 0.0, 0, 0
    payload: list[int] = []
    bits = 0.0
    for begin in range(0, total, BATCH):
        part = slice(begin, min(begin + BATCH, total))
        labels = on_device(split.labels[part])
        with torch.no_grad():
            features = model.extractor(to_float(split.images[part], dataset.side))
            combined, local, remote, _ = model.answer(features)
        for name, logits in (("combined", combined), ("local", local), ("remote", remote)):
            hits[name] += int((logits.argmax(1) == labels).sum())
        if begin == 0:
            symbols = model.quantiser.symbols(features[:, k:])
            bits = entropy(symbols, len(model.quantiser.centres))
            payload = [encoded_bytes(s.flatten().tolist(), len(model.quantiser.centres))
                       for s in symbols[:payload_count]]
        if begin < xai_count:
            importance, right = attributor.importance(features, labels)
            importance = importance[right]
            skewness += float(losses.skewness(importance, k).sum())
            violations += float((losses.disorder_loss(importance, k) > 0).sum())
            right_count += int(right.sum())
            seen += len(labels)
    found = max(1, right_count)
    return {
        **{name: 100.0 * hit / total for name, hit in hits.items()},
        "alpha": float(model.alpha.detach()), "reference": 100.0 * right_count / seen,
        "skewness": 100.0 * skewness / found, "violations": 100.0 * violations / found,
        "entropy": bits, "payload": sum(payload) / len(payload),
    }
