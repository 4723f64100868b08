"""Data sets in CIFAR's binary layout, and augmentation that any step can repeat.

A record is one label byte (two for CIFAR-100: coarse, then fine) and 3,072 bytes of planar RGB.
Images are held as uint8 [N,H,W,3]; a batch is float32 [B,3,H,W] in channels-last order, scaled
to [0,1], which is what the device graph's int8 input (scale 1/255, zero point -128) stands for.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from .errors import MissingInput, UserError

SIZE = 32
DIGIT_NAMES = [str(digit) for digit in range(10)]


@dataclass(frozen=True)
class Layout:
    """Where a data set lies under the data folder, and how its records look."""

    folder: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    label_bytes: int = 1
    names: str | None = None


LAYOUTS = {
    "cifar10": Layout(
        "cifar-10-batches-bin",
        tuple(f"data_batch_{i}.bin" for i in range(1, 6)),
        ("test_batch.bin",),
        names="batches.meta.txt",
    ),
    "cifar100": Layout(
        "cifar-100-binary", ("train.bin",), ("test.bin",), label_bytes=2,
        names="fine_label_names.txt",
    ),
    "digits": Layout("digits", ("digits-train.bin",), ("digits-test.bin",)),
}


@dataclass
class Split:
    """images: uint8 [N,32,32,3]; labels: int64 [N]."""

    images: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass
class Dataset:
    name: str
    labels: list[str]
    train: Split
    test: Split


def read_records(path: Path, label_bytes: int) -> Split:
    raw = np.fromfile(path, dtype=np.uint8)
    record = label_bytes + 3 * SIZE * SIZE
    if len(raw) == 0 or len(raw) % record:
        raise UserError(f"{path}: {len(raw)} bytes is no whole number of {record}-byte records")
    raw = raw.reshape(-1, record)
    images = raw[:, label_bytes:].reshape(-1, 3, SIZE, SIZE).transpose(0, 2, 3, 1)
    return Split(
        torch.from_numpy(np.ascontiguousarray(images)),
        torch.from_numpy(raw[:, label_bytes - 1].astype(np.int64)),
    )


def check_present(name: str, data: Path) -> None:
    """Raises `MissingInput` with the first file that is not there."""
    layout = LAYOUTS[name]
    for file in (*layout.train, *layout.test):
        path = data / layout.folder / file
        if not path.is_file():
            source = "agilenn-lab data render" if name == "digits" else f"scripts/datasets {name}"
            raise MissingInput(
                f"data set {name}: no file {path} (get it by {source}, or give --data or "
                f"AGILENN_DATA the folder that holds {layout.folder}/)"
            )


def load(name: str, data: Path) -> Dataset:
    check_present(name, data)
    layout = LAYOUTS[name]
    root = data / layout.folder

    def split(files):
        parts = [read_records(root / file, layout.label_bytes) for file in files]
        return Split(
            torch.cat([p.images for p in parts]), torch.cat([p.labels for p in parts])
        )

    names = DIGIT_NAMES
    if layout.names and (root / layout.names).is_file():
        names = [line.strip() for line in (root / layout.names).read_text().splitlines()]
        names = [line for line in names if line]
    dataset = Dataset(name, names, split(layout.train), split(layout.test))
    highest = int(max(dataset.train.labels.max(), dataset.test.labels.max()))
    if highest >= len(names):
        raise UserError(f"data set {name}: label {highest}, but only {len(names)} classes")
    return dataset


def to_float(images: torch.Tensor) -> torch.Tensor:
    """uint8 [B,H,W,3] -> float32 [B,3,H,W] in [0,1], channels last."""
    return images.permute(0, 3, 1, 2).float().div_(255)


def seeded(*numbers: int) -> torch.Generator:
    """A generator that depends on the numbers alone, so that any step can be repeated."""
    mixed = np.random.SeedSequence([n & 0xFFFFFFFF for n in numbers]).generate_state(2)
    return torch.Generator().manual_seed(int(mixed[0]) << 31 ^ int(mixed[1]))


class Batches:
    """Augmented training batches, addressed by (epoch, step): no state to save or restore."""

    def __init__(self, split: Split, batch: int, augment: str, pad: int, seed: int):
        self.split, self.batch, self.augment, self.pad, self.seed = (
            split, batch, augment, pad, seed)
        self.steps = len(split) // batch
        if self.steps == 0:
            raise UserError(f"{len(split)} training images are fewer than one batch of {batch}")
        self._order: tuple[int, torch.Tensor] | None = None
        self.padded = split.images
        if augment != "none" and pad:
            mode = "reflect" if augment == "crop-flip" else "replicate"
            planar = split.images.permute(0, 3, 1, 2)
            parts = [
                F.pad(part.float(), (pad,) * 4, mode=mode).to(torch.uint8).permute(0, 2, 3, 1)
                for part in planar.split(2000)
            ]
            self.padded = torch.cat([part.contiguous() for part in parts])

    def order(self, epoch: int) -> torch.Tensor:
        if self._order is None or self._order[0] != epoch:
            generator = seeded(self.seed, 1, epoch)
            self._order = (epoch, torch.randperm(len(self.split), generator=generator))
        return self._order[1]

    def __call__(self, epoch: int, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """-> images float32 [B,3,32,32], labels int64 [B]."""
        index = self.order(epoch)[step * self.batch : (step + 1) * self.batch]
        labels = self.split.labels[index]
        if self.augment == "none":
            return to_float(self.split.images[index]), labels
        generator = seeded(self.seed, 2, epoch, step)
        count, span = len(index), torch.arange(SIZE)
        shift = torch.randint(0, 2 * self.pad + 1, (2, count, 1), generator=generator)
        rows, columns = shift[0] + span, shift[1] + span
        if self.augment == "crop-flip":
            mirror = torch.rand(count, 1, generator=generator) < 0.5
            columns = torch.where(mirror, columns.flip(1), columns)
        images = self.padded[index[:, None, None], rows[:, :, None], columns[:, None, :]]
        return to_float(images), labels
