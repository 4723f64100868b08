"""Training and test images, and augmentation that any step can repeat.

Images are held as uint8 [N,S,S,3] at their native size; a batch is float32 [B,3,T,T] in
channels-last order, scaled to [0,1], which is what the device graph's int8 input (scale 1/255, zero
point -128) stands for. T is S, or the size to which the device scales its camera's images.
"""

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from . import distributed
from .errors import MissingInput, UserError
from .layouts import LAYOUTS, Split
from .resize import resized


@dataclass
class Dataset:
    """`side`: of the images that the network sees, to which the device scales its own. `held`: training images that
    are kept out of training, by which settings may be chosen."""

    name: str
    labels: list[str]
    train: Split
    test: Split
    side: int
    held: Split | None = None

    def check_batch(self, section: str, batch: int) -> None:
        """Refuses a batch that the training images do not fill. `section`: of the configuration."""
        if batch > len(self.train):
            raise UserError(f"{section}.batch: there are {len(self.train)} training images only")


def check_present(name: str, data: Path) -> None:
    """Raises `MissingInput` with the first file or folder that is not there."""
    layout = LAYOUTS[name]
    for file in layout.files():
        path = data / layout.folder / file
        if not path.exists():
            source = "agilenn-lab data render" if name == "digits" else f"scripts/datasets {name}"
            raise MissingInput(
                f"data set {name}: no file {path} (get it by {source}, or give --data or "
                f"AGILENN_DATA the folder that holds {layout.folder}/)"
            )


def load(name: str, data: Path, side: int | None = None) -> Dataset:
    """`side`: what the images are scaled to before the network sees them; None for their own."""
    check_present(name, data)
    layout = LAYOUTS[name]
    root = data / layout.folder
    names = layout.labels(root)
    train, test = layout.splits(root, names)
    highest = int(max(train.labels.max(), test.labels.max()))
    if highest >= len(names):
        raise UserError(f"data set {name}: label {highest}, but only {len(names)} classes")
    return Dataset(name, names, train, test, side or layout.side)


# The same images are held out of every run.
HELD_SEED = 5000


def hold_out(dataset: Dataset, count: int) -> Dataset:
    """The same with `count` of the training images held out: the same ones whatever trains on the
    rest, so that nothing chosen by them was learned from them."""
    if count >= len(dataset.train):
        raise UserError(f"heldOut: there are {len(dataset.train)} training images only")
    order = torch.randperm(len(dataset.train), generator=seeded(HELD_SEED), device="cpu")
    held, rest = order[:count].sort().values, order[count:].sort().values
    part = lambda index: Split(dataset.train.images[index], dataset.train.labels[index])
    return dataclasses.replace(dataset, train=part(rest), held=part(held))


def to_float(images: torch.Tensor, side: int) -> torch.Tensor:
    """uint8 [B,S,S,3] -> float32 [B,3,side,side] in [0,1], channels last, on the default device."""
    return resized(on_device(images), side).permute(0, 3, 1, 2).float().div_(255)


def on_device(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.to(torch.get_default_device())


def seeded(*numbers: int) -> torch.Generator:
    """A generator that depends on the numbers alone, so that any step can be repeated."""
    mixed = np.random.SeedSequence([n & 0xFFFFFFFF for n in numbers]).generate_state(2)
    return torch.Generator(device="cpu").manual_seed(int(mixed[0]) << 31 ^ int(mixed[1]))


@dataclass
class Batch:
    """pixels uint8 [B,S,S,3], S the images' own side, and labels int64 [B]; on the CPU index int64
    [B]: where they lie in the split. `side`: what the device scales them to. `mixed`: of each image whose
    label another part of it has, int64 [B], and the part that is its own, float32 [B]."""

    pixels: torch.Tensor
    labels: torch.Tensor
    index: torch.Tensor
    side: int
    mixed: tuple[torch.Tensor, torch.Tensor] | None = None

    @cached_property
    def images(self) -> torch.Tensor:
        """float32 [B,3,side,side] on the default device: what the device sees."""
        return to_float(self.pixels, self.side)

    @cached_property
    def whole(self) -> torch.Tensor:
        """The same at the images' own side: what a backbone sees."""
        own = self.pixels.shape[1]
        return self.images if self.side == own else to_float(self.pixels, own)


class Batches:
    """Augmented training batches, addressed by (epoch, step): no state to save or restore. What is
    drawn is drawn on the CPU, so that every device sees the same; the images lie on the default one.

    `augment`: none; crop (a random shift after repeating the edge `pad` times); crop-flip (after
    reflecting it, and mirrored in every other epoch: over two epochs no image is seen twice the same
    way, K. Jordan 2024); `cutout` then blanks a square of that side with the mean
    colour, wherever its centre falls. `cutmix`: with this probability a part of an image, any share of it,
    comes from another of its batch, and so does a share of what it is to be answered with (CutMix, Yun
    and others, 2019).
    """

    def __init__(self, dataset: Dataset, batch: int, settings, seed: int):
        self.split, self.side = dataset.train, dataset.side
        self.batch, self.seed = batch, seed
        self.augment, self.pad, self.cutout = settings.augment, settings.pad, settings.cutout
        self.cutmix = settings.cutmix
        self.steps = len(self.split) // batch
        if self.steps == 0:
            raise UserError(f"{len(self.split)} training images are fewer than one batch of {batch}")
        self._order: tuple[int, torch.Tensor] | None = None
        self.parity = torch.randint(0, 2, (len(self.split),), generator=seeded(seed, 3),
                                    device="cpu")
        self.labels = on_device(self.split.labels)
        self.padded = on_device(self.split.images)
        if self.augment != "none" and self.pad:
            mode = "reflect" if self.augment == "crop-flip" else "replicate"
            parts = [
                F.pad(part.permute(0, 3, 1, 2).float(), (self.pad,) * 4, mode=mode)
                .to(torch.uint8).permute(0, 2, 3, 1).contiguous()
                for part in self.padded.split(2000)
            ]
            self.padded = torch.cat(parts)

    def order(self, epoch: int) -> torch.Tensor:
        if self._order is None or self._order[0] != epoch:
            generator = seeded(self.seed, 1, epoch)
            self._order = (epoch, torch.randperm(
                len(self.split), generator=generator, device="cpu"))
        return self._order[1]

    def __call__(self, epoch: int, step: int) -> Batch:
        whole = self.order(epoch)[step * self.batch : (step + 1) * self.batch]
        own = torch.arange(len(whole), device="cpu")[distributed.part(self.batch)]
        index = whole[own]
        labels = self.labels[on_device(index)]
        images = self._seen(epoch, step, whole, own)
        if not self.cutmix:
            return Batch(images, labels, index, self.side)
        other = (own + 1) % len(whole)
        mask = self._foreign(epoch, step, len(whole))[own]
        images = torch.where(on_device(mask)[..., None], self._seen(epoch, step, whole, other), images)
        share = on_device(1 - mask.float().mean(dim=(1, 2)))
        return Batch(images, labels, index, self.side,
                     (self.labels[on_device(whole[other])], share))

    def _foreign(self, epoch: int, step: int, count: int) -> torch.Tensor:
        """[count,S,S] on the CPU: which pixels of each image come from another."""
        native = self.split.images.shape[1]
        generator = seeded(self.seed, 5, epoch, step)
        draw = lambda *size: torch.rand(*size, generator=generator, device="cpu")
        sides = native * draw(count, 1).sqrt() * (draw(count, 1) < self.cutmix)
        centre = torch.randint(0, native, (2, count, 1), generator=generator, device="cpu")
        twice = 2 * (torch.arange(native, device="cpu") - centre)
        near = (-sides <= twice) & (twice < sides)
        return near[0][:, :, None] & near[1][:, None, :]

    def _seen(self, epoch: int, step: int, whole: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
        """Of a whole batch's indices those in the places `own`, augmented: uint8 [B,S,S,3]."""
        count, native = len(whole), self.split.images.shape[1]
        index = whole[own]
        place = on_device(index)
        if self.augment == "none":
            return self.padded[place]
        # Drawn for the whole batch, whichever part of it this process has.
        generator = seeded(self.seed, 2, epoch, step)
        span = torch.arange(native, device="cpu")
        shift = torch.randint(0, 2 * self.pad + 1, (2, count, 1), generator=generator,
                              device="cpu")[:, own]
        rows, columns = shift[0] + span, shift[1] + span
        if self.augment == "crop-flip":
            mirror = ((self.parity[index] + epoch) % 2 == 1)[:, None]
            columns = torch.where(mirror, columns.flip(1), columns)
        rows, columns = on_device(rows), on_device(columns)
        images = self.padded[place[:, None, None], rows[:, :, None], columns[:, None, :]]
        if self.cutout:
            centre = torch.randint(0, native, (2, count, 1), generator=generator,
                                   device="cpu")[:, own]
            twice = 2 * (span - centre)
            near = (-self.cutout <= twice) & (twice < self.cutout)
            mean = images.float().mean(dim=(1, 2), keepdim=True).to(torch.uint8)
            near = on_device(near[0][:, :, None] & near[1][:, None, :])
            images = torch.where(near[..., None], mean, images)
        return images


