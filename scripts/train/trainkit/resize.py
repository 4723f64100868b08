"""The device's bilinear resize, by the integer formula of `docs/plan.md`, over batches."""

import functools

import torch


@functools.cache
def positions(source: int, target: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """For each output index: the input index before it, the one after it, and the weight of the
    latter in units of 1/2048."""
    index = torch.arange(target, device="cpu")
    place = ((2 * index + 1) * source * 1024 // target - 1024).clamp(0, (source - 1) * 2048)
    whole, fraction = place // 2048, place % 2048
    return whole, (whole + 1).clamp_max(source - 1), fraction.to(torch.int32)


def bilinear(images: torch.Tensor, side: int) -> torch.Tensor:
    """uint8 [B,S,S,3] -> uint8 [B,side,side,3]. Exact: all sums are whole numbers below 2^31."""
    before, after, weight = (x.to(images.device) for x in positions(images.shape[1], side))
    image = images.to(torch.int32)
    rows = weight[:, None, None]
    # Along the rows first: at most 255 * 2048.
    image = image[:, before] * (2048 - rows) + image[:, after] * rows
    columns = weight[:, None]
    image = image[:, :, before] * (2048 - columns) + image[:, :, after] * columns
    return ((image + (1 << 21)) >> 22).to(torch.uint8)


def resized(images: torch.Tensor, side: int) -> torch.Tensor:
    """`images` themselves where they have the size already."""
    return images if images.shape[1] == side else bilinear(images, side)
