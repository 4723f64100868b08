"""The rival that sends the picture: JPEG, WebP and PNG at the native size, container included."""

import io
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from .data import on_device, to_float
from .layouts import Split

BATCH = 250


@dataclass(frozen=True)
class Setting:
    """`quality`: from 0 to 100 where the codec is lossy, "" where it is not."""

    codec: str
    quality: int | str


LOSSY = ("JPEG", "WEBP")
SETTINGS = (Setting("PNG", ""), *(Setting("JPEG", q) for q in (90, 75, 50, 20, 5)),
            *(Setting("WEBP", q) for q in (90, 75, 50, 20, 5, 0)))


def coded(image: np.ndarray, setting: Setting) -> tuple[np.ndarray, int]:
    """uint8 [H,W,3] -> what is left of it, and the bytes of the file."""
    stream = io.BytesIO()
    options = {"quality": setting.quality} if setting.quality != "" else {}
    Image.fromarray(image).save(stream, setting.codec, **options)
    return np.asarray(Image.open(stream).convert("RGB")), len(stream.getvalue())


def stacked(images: list[np.ndarray]) -> torch.Tensor:
    """uint8 [B,H,W,3] on the default device."""
    return on_device(torch.from_numpy(np.stack(images)))


def measure(body, split: Split, setting: Setting, count: int | None = None) -> tuple[float, float]:
    """-> mean bytes and percent right over the first `count` of the images."""
    total, size, right = min(count or len(split), len(split)), 0, 0
    for begin in range(0, total, BATCH):
        part = slice(begin, min(begin + BATCH, total))
        found = [coded(image, setting) for image in split.images[part].cpu().numpy()]
        images = stacked([image for image, _ in found])
        size += sum(length for _, length in found)
        with torch.inference_mode():
            logits = body(to_float(images, images.shape[1]))
        right += int((logits.argmax(1) == on_device(split.labels[part])).sum())
    return size / total, 100.0 * right / total
