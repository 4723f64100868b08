"""Edge-only's network: a backbone on pictures as the server gets them."""

from pathlib import Path

import numpy as np
import torch

from . import backbone, codec_tuning, codecs, pretraining
from .data import Dataset
from .layouts import Split
from .resize import resized


class PictureNetwork:
    """`config`: an `EdgeOnlyConfig`. `setting`: the codec's, None for raw values. `body`: in evaluation
    mode."""

    def __init__(self, config, dataset: Dataset, out: Path):
        codec = config.codec
        self.setting = None if codec.name == "raw" else codecs.Setting(
            codec.name.upper(), codec.quality if codec.quality >= 0 else "",
            codec.chroma or codecs.HALF)
        planned = pretraining.planned(config.backbone)
        body = backbone.rebuild(config.backbone)
        if config.tuning.epochs:
            body = codec_tuning.tuned(planned, dataset, [self.setting], config.tuning, out)
        self.body = body.eval()
        self.side = dataset.side

    def pictures(self, split: Split, part: slice) -> tuple[np.ndarray, int]:
        """-> uint8 [B,side,side,3] as the server gets them, and the payloads' bytes; 0 for raw values,
        whose coder is the device's."""
        images = resized(split.images[part], self.side).cpu().numpy()
        if self.setting is None:
            return images, 0
        found = [codecs.coded(image, self.setting) for image in images]
        size = sum(codecs.payload(file, self.setting.codec) for _, file in found)
        return np.stack([image for image, _ in found]), size


def values(pictures: np.ndarray) -> np.ndarray:
    """uint8 [B,H,W,3] -> float32 [B,3,H,W] from 0 to 1, as the server gives them to the network."""
    planes = np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))
    return planes.astype(np.float32) / np.float32(255)


def answers(body: torch.nn.Module, pictures: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return body(torch.from_numpy(values(pictures))).argmax(1).numpy()
