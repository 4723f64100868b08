"""The backbone's answers to the training images, asked once and kept."""

from pathlib import Path

import torch

from . import backbone, checkpoint
from .data import Dataset, to_float
from .fold import folded_body
from .targets import Targets

BATCH = 500


def ask(name: str, dataset: Dataset, mirrored: bool, folder: Path) -> torch.Tensor:
    """-> half-precision probabilities [N,classes] of the backbone over the training images, kept in
    `folder` under a digest of its weights and of the images. `mirrored`: also over each image's mirror
    image, and the mean of both, for a backbone that was trained on both."""
    path = folder / f"teacher-{name}.pt"
    digest = f"{backbone.digest(name)}-{dataset.train.digest}-{mirrored}"
    saved = checkpoint.cached(path, digest)
    if saved:
        return saved["probabilities"]
    # Folded, because batch norms by themselves take two fifths of the time.
    body = folded_body(backbone.rebuild(name))
    parts = []
    with torch.inference_mode():
        for images in dataset.train.images.split(BATCH):
            planar = to_float(images, images.shape[1])
            answer = body(planar).softmax(1)
            if mirrored:
                answer = (answer + body(planar.flip(3)).softmax(1)) / 2
            parts.append(answer.half().cpu())
    probabilities = torch.cat(parts)
    checkpoint.save(path, {"fingerprint": digest, "probabilities": probabilities})
    return probabilities


def targets(name: str, wanted, settings, dataset: Dataset, folder: Path) -> Targets:
    """What a network is to answer: by `labelSmoothing` and `distil` of `wanted`, and by the backbone
    `name` where it has a share. `settings`: the data set's, of which augmentation counts."""
    answers = ask(name, dataset, settings.augment == "crop-flip", folder) if wanted.distil else None
    return Targets(len(dataset.labels), wanted.labelSmoothing, answers, wanted.distil)
