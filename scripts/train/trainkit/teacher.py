"""The backbone's answers to the training images, asked once and kept."""

from pathlib import Path

import torch

from . import backbone, checkpoint
from .data import Dataset, to_float

BATCH = 500


def ask(name: str, dataset: Dataset, folder: Path) -> torch.Tensor:
    """-> half-precision probabilities [N,classes] of the backbone over the training images, kept in
    `folder` under the digest of its weights."""
    path = folder / f"teacher-{name}.pt"
    digest = backbone.digest(name)
    if path.is_file():
        saved = torch.load(path, map_location="cpu", weights_only=True)
        if saved.get("digest") == digest:
            return saved["probabilities"]
    body = backbone.rebuild(name)
    parts = []
    with torch.inference_mode():
        for images in dataset.train.images.split(BATCH):
            planar = to_float(images, images.shape[1])
            both = body(planar).softmax(1) + body(planar.flip(3)).softmax(1)
            parts.append((both / 2).half().cpu())
    probabilities = torch.cat(parts)
    checkpoint.save(path, {"digest": digest, "probabilities": probabilities})
    return probabilities
