"""The rival that sends the picture: JPEG, WebP and PNG, as the device sends them."""

import io
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from .data import on_device, to_float
from .layouts import Split

BATCH = 250
HALF = "4:2:0"
# Of a WebP: RIFF, its length, WEBP, VP8, its length.
WEBP_CONTAINER = 20


@dataclass(frozen=True)
class Setting:
    """`quality`: from 0 to 100 where the codec is lossy, "" where it is not. `chroma`: of JPEG, how often
    colour is kept."""

    codec: str
    quality: int | str
    chroma: str = HALF


LOSSY = ("JPEG", "WEBP")
SETTINGS = (Setting("PNG", ""), *(Setting("JPEG", q) for q in (90, 75, 50, 20, 5)),
            *(Setting("WEBP", q) for q in (90, 75, 50, 20, 5, 0)))


def coded(image: np.ndarray, setting: Setting) -> tuple[np.ndarray, bytes]:
    """uint8 [H,W,3] -> what is left of it, and the file."""
    stream = io.BytesIO()
    options = {"quality": setting.quality} if setting.quality != "" else {}
    if setting.codec == "JPEG":
        options["subsampling"] = setting.chroma
    Image.fromarray(image).save(stream, setting.codec, **options)
    return np.asarray(Image.open(stream).convert("RGB")), stream.getvalue()


def payload(file: bytes, codec: str) -> int:
    """Bytes that a device sends of a file: of a JPEG the scan, because its header is the same for all
    pictures of a size; of a WebP the frame without its container."""
    if codec == "WEBP":
        return len(file) - WEBP_CONTAINER
    if codec != "JPEG":
        return len(file)
    place = 2  # behind the marker of the beginning
    while True:
        after = place + 2 + int.from_bytes(file[place + 2:place + 4], "big")
        if file[place + 1] == 0xDA:
            # The marker of the end has two bytes.
            return len(file) - after - 2
        place = after


def stacked(images: list[np.ndarray]) -> torch.Tensor:
    """uint8 [B,H,W,3] on the default device."""
    return on_device(torch.from_numpy(np.stack(images)))


@dataclass
class Cost:
    """Of images that a codec has coded: the means of the files' bytes and of the payloads', and how many
    percent a network gets right."""

    file: float = 0.0
    payload: float = 0.0
    accuracy: float = 0.0


def measure(answer, split: Split, setting: Setting, count: int | None = None) -> Cost:
    """`answer`: float32 images [B,3,H,W] from 0 to 1 -> logits; over the first `count` of the images."""
    total, cost = min(count or len(split), len(split)), Cost()
    for begin in range(0, total, BATCH):
        part = slice(begin, min(begin + BATCH, total))
        found = [coded(image, setting) for image in split.images[part].cpu().numpy()]
        images = stacked([image for image, _ in found])
        cost.file += sum(len(file) for _, file in found) / total
        cost.payload += sum(payload(file, setting.codec) for _, file in found) / total
        with torch.inference_mode():
            logits = answer(to_float(images, images.shape[1]))
        right = (logits.argmax(1) == on_device(split.labels[part])).sum()
        cost.accuracy += 100.0 * int(right) / total
    return cost
