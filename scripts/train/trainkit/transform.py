"""The linear block transform's start: principal components of an image's blocks, the strongest first."""

import torch

from .convolution import DeviceConvolution
from .data import seeded
from .layouts import Split

IMAGES = 5000


def principal_components(images: torch.Tensor, block: int) -> tuple[torch.Tensor, torch.Tensor]:
    """uint8 [N,S,S,3] -> orthonormal rows [D,D] over the D = 3 block^2 values in [0,1] of a block, in
    the order of a convolution's weights (channel, row, column), by falling variance; the mean [D]."""
    planes = images.permute(0, 3, 1, 2).double() / 255
    count, channels, side, _ = planes.shape
    cells = side // block
    blocks = planes[:, :, : cells * block, : cells * block].reshape(
        count, channels, cells, block, cells, block).permute(0, 2, 4, 1, 3, 5).reshape(
        -1, channels * block * block)
    mean = blocks.mean(0)
    centred = blocks - mean
    _, vectors = torch.linalg.eigh(centred.t() @ centred / len(blocks))
    rows = vectors.flip(1).t()
    # Signs are free: the sum of a row is positive, so that a run on another machine starts alike.
    return rows * torch.where(rows.sum(1, keepdim=True) < 0, -1.0, 1.0), mean


def start(layer: DeviceConvolution, split: Split, seed: int) -> None:
    """Gives a linear convolution whose stride is its kernel the components, and the bias that centres
    them."""
    order = torch.randperm(len(split), generator=seeded(seed, 6), device="cpu")[:IMAGES]
    weight = layer.conv.weight
    rows, mean = principal_components(split.images[order].cpu(), weight.shape[-1])
    rows = rows[: len(weight)]
    with torch.no_grad():
        weight.copy_(rows.reshape(weight.shape))
        layer.conv.bias.copy_(-(rows @ mean))
