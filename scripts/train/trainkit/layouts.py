"""The publishers' layouts of the data sets, read strictly.

CIFAR's binary records: one label byte (two for CIFAR-100: coarse, then fine) and 3,072 bytes of
planar RGB; Digits has CIFAR-10's. SVHN: MATLAB 5 files with `X` [32,32,3,N] and `y` [N,1], labels 1
to 10, where 10 is the digit 0. Tiny ImageNet: a folder of JPEG files for each class, and a text file
that labels the validation images, which serve as the test set, for the test set has no labels.
"""

import hashlib
import io
import random
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from .errors import MissingInput, UserError
from .files import text

DIGIT_NAMES = [str(digit) for digit in range(10)]


@dataclass
class Split:
    """images: uint8 [N,S,S,3]; labels: int64 [N]."""

    images: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def digest(self) -> str:
        """Of all images and labels."""
        found = hashlib.sha256(self.images.numpy())
        found.update(self.labels.numpy())
        return found.hexdigest()


@dataclass(frozen=True)
class Records:
    """CIFAR's layout, and Digits'. `counts`: of training and test images, where they are known."""

    folder: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    label_bytes: int = 1
    names: str | None = None
    classes: int = 10
    counts: tuple[int, int] | None = None
    side: int = 32

    def files(self) -> tuple[str, ...]:
        return (*self.train, *self.test, *([self.names] if self.names else []))

    def labels(self, root: Path) -> list[str]:
        if self.names is None:
            return DIGIT_NAMES
        lines = (line.strip() for line in text(root / self.names).splitlines())
        found = [line for line in lines if line]
        if len(set(found)) != self.classes or len(found) != self.classes:
            raise UserError(f"{root / self.names}: {len(found)} names, not {self.classes} of them, "
                            "each once")
        return found

    def splits(self, root: Path, labels: list[str]) -> tuple[Split, Split]:
        found = tuple(
            joined([read_records(root / file, self.label_bytes) for file in files])
            for files in (self.train, self.test))
        for split, files, count in zip(found, (self.train, self.test), self.counts or ()):
            if len(split) != count:
                raise UserError(f"{root}: {len(split)} images in {', '.join(files)}, not {count}")
        return found


@dataclass(frozen=True)
class Matlab:
    """SVHN's layout, format 2: cropped digits."""

    folder: str
    train: str
    test: str
    side: int = 32

    def files(self) -> tuple[str, ...]:
        return (self.train, self.test)

    def labels(self, root: Path) -> list[str]:
        return DIGIT_NAMES

    def splits(self, root: Path, labels: list[str]) -> tuple[Split, Split]:
        return read_matlab(root / self.train), read_matlab(root / self.test)


@dataclass(frozen=True)
class Folders:
    """Tiny ImageNet's layout. Training folders may hold any number of images, all the same."""

    folder: str
    side: int = 64

    def files(self) -> tuple[str, ...]:
        return ("wnids.txt", "words.txt", "val/val_annotations.txt", "train")

    def labels(self, root: Path) -> list[str]:
        """The first word of each class's description, in the order of `wnids.txt`."""
        words = dict(line.split("\t", 1) for line in text(root / "words.txt").splitlines()
                     if "\t" in line)
        return [words.get(wnid, wnid).split(",")[0].strip() for wnid in self.wnids(root)]

    def wnids(self, root: Path) -> list[str]:
        found = [line.strip() for line in text(root / "wnids.txt").splitlines() if line.strip()]
        if not found or len(set(found)) != len(found):
            raise UserError(f"{root / 'wnids.txt'}: no names of classes, or one that is there twice")
        return found

    def splits(self, root: Path, labels: list[str]) -> tuple[Split, Split]:
        wnids = self.wnids(root)
        train, counts = [], []
        for label, wnid in enumerate(wnids):
            paths = sorted((root / "train" / wnid / "images").glob("*.JPEG"))
            if not paths:
                raise MissingInput(f"no JPEG files in {root}/train/{wnid}/images")
            counts.append(len(paths))
            if counts[-1] != counts[0]:
                raise UserError(f"{root}/train/{wnid}/images: {counts[-1]} JPEG files, where "
                                f"{wnids[0]} has {counts[0]}")
            train += [(path, label) for path in paths]
        # The folders come class by class, and some steps take the first so many images.
        random.Random(0).shuffle(train)
        test = []
        for line in text(root / "val" / "val_annotations.txt").splitlines():
            fields = line.split("\t")
            if len(fields) < 2 or fields[1] not in wnids:
                raise UserError(f"{root}/val/val_annotations.txt: no image and class in {line!r}")
            test.append((root / "val" / "images" / fields[0], wnids.index(fields[1])))
        if not test:
            raise UserError(f"{root}/val/val_annotations.txt: no images")
        return self.read(train), self.read(test)

    def read(self, listed: list[tuple[Path, int]]) -> Split:
        from PIL import Image

        images = np.empty((len(listed), self.side, self.side, 3), np.uint8)
        for position, (path, _) in enumerate(listed):
            try:
                with Image.open(path) as image:
                    pixels = np.asarray(image.convert("RGB"))
            except FileNotFoundError:
                raise MissingInput(f"no file {path}") from None
            except Exception as error:
                raise UserError(f"{path}: not a readable image ({error})") from error
            if pixels.shape != images.shape[1:]:
                raise UserError(f"{path}: {pixels.shape[1]}x{pixels.shape[0]} pixels, not "
                                f"{self.side}x{self.side}")
            images[position] = pixels
        labels = np.array([label for _, label in listed], np.int64)
        return Split(torch.from_numpy(images), torch.from_numpy(labels))


LAYOUTS = {
    "cifar10": Records(
        "cifar-10-batches-bin",
        tuple(f"data_batch_{i}.bin" for i in range(1, 6)),
        ("test_batch.bin",),
        names="batches.meta.txt",
        counts=(50_000, 10_000),
    ),
    "cifar100": Records(
        "cifar-100-binary", ("train.bin",), ("test.bin",), label_bytes=2,
        names="fine_label_names.txt",
        classes=100,
        counts=(50_000, 10_000),
    ),
    "svhn": Matlab("svhn", "train_32x32.mat", "test_32x32.mat"),
    "tinyimagenet": Folders("tiny-imagenet-200"),
    "digits": Records("digits", ("digits-train.bin",), ("digits-test.bin",)),
}


def joined(parts: list[Split]) -> Split:
    return Split(torch.cat([p.images for p in parts]), torch.cat([p.labels for p in parts]))


def content(path: Path) -> bytes:
    """A file of images; one larger than any publisher's is refused before it is read."""
    size = path.stat().st_size
    if size > 1 << 31:
        raise UserError(f"{path}: {size} bytes is more than any of these data sets has")
    return path.read_bytes()


def read_records(path: Path, label_bytes: int, side: int = 32) -> Split:
    raw = np.frombuffer(content(path), dtype=np.uint8)
    record = label_bytes + 3 * side * side
    if len(raw) == 0 or len(raw) % record:
        raise UserError(f"{path}: {len(raw)} bytes is no whole number of {record}-byte records")
    raw = raw.reshape(-1, record)
    images = raw[:, label_bytes:].reshape(-1, 3, side, side).transpose(0, 2, 3, 1)
    return Split(
        torch.from_numpy(np.ascontiguousarray(images)),
        torch.from_numpy(raw[:, label_bytes - 1].astype(np.int64)),
    )


def read_matlab(path: Path, side: int = 32) -> Split:
    from scipy.io import loadmat

    try:
        variables = loadmat(io.BytesIO(content(path)), variable_names=["X", "y"])
        images, labels = variables["X"], variables["y"]
        images.dtype, labels.dtype
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"{path}: not a MATLAB file with X and y ({error})") from error
    if labels.dtype.kind not in "uif" or max(labels.shape, default=0) != labels.size:
        raise UserError(f"{path}: y is {labels.dtype}{list(labels.shape)}, not a column of numbers")
    if not np.array_equal(labels, np.round(labels)):
        raise UserError(f"{path}: y has labels that are no whole numbers")
    labels = labels.reshape(-1).astype(np.int64)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[:3] != (side, side, 3):
        raise UserError(f"{path}: X is {images.dtype}{list(images.shape)}, not "
                        f"uint8 [{side}, {side}, 3, N]")
    if len(labels) != images.shape[3] or len(labels) == 0:
        raise UserError(f"{path}: {len(labels)} labels for {images.shape[3]} images")
    if labels.min() < 1 or labels.max() > 10:
        raise UserError(f"{path}: labels from {labels.min()} to {labels.max()}, not 1 to 10")
    return Split(torch.from_numpy(np.ascontiguousarray(images.transpose(3, 0, 1, 2))),
                 torch.from_numpy(labels % 10))
