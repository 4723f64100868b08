"""A 3x3 convolution by Winograd's F(4x4,3x3): a quarter of the multiplications (Lavin and Gray, 2016).

For training on a CPU, where a direct convolution of many channels already runs at the processor's
peak. The transforms are products with small constant matrices; between them stand 36 products of
matrices, one for each point of a tile.
"""

import torch
import torch.nn.functional as F
from torch import nn


def in_both_directions(matrix: list[list[float]]) -> torch.Tensor:
    """The transform of rows and columns as one matrix on a flattened tile."""
    one = torch.tensor(matrix, dtype=torch.float32, device="cpu")
    return torch.kron(one, one)


# Interpolation at 0, 1, -1, 2, -2 and infinity: output = A'[(G w G') * (B'd B)]A.
INPUT = in_both_directions([
    [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1]])
WEIGHT = in_both_directions([
    [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]])
OUTPUT = in_both_directions([
    [1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])
TILE, POINTS = 4, 6
# With fewer channels on either side the transforms cost more than they save.
LEAST_INPUTS, LEAST_OUTPUTS = 64, 192


def pays(conv: nn.Conv2d, x: torch.Tensor) -> bool:
    """Whether `conv` on x [B,C,H,W] can be done so, and faster."""
    return (conv.kernel_size == (3, 3) and conv.stride == (1, 1) and conv.padding == (1, 1)
            and conv.groups == 1 and conv.bias is None and x.device.type == "cpu"
            and x.shape[2] % TILE == 0 and x.shape[3] % TILE == 0
            and conv.in_channels >= LEAST_INPUTS and conv.out_channels >= LEAST_OUTPUTS)


def tiles(x: torch.Tensor) -> torch.Tensor:
    """[B,H,W,C] -> [36, tiles C]: the overlapping tiles of 6x6 with a border of zeros."""
    windows = F.pad(x, (0, 0, 1, 1, 1, 1)).unfold(1, POINTS, TILE).unfold(2, POINTS, TILE)
    return windows.permute(4, 5, 0, 1, 2, 3).reshape(POINTS * POINTS, -1)


def sum_of_tiles(t: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """The adjoint of `tiles`: each tile added where it was taken from; [B,H,W,C] without the border."""
    batch, height, width, channels = shape
    t = t.view(POINTS, POINTS, batch, height // TILE, width // TILE, channels)
    total = torch.zeros(batch, height + 2, width + 2, channels)
    for row in range(POINTS):
        for column in range(POINTS):
            total[:, row : row + height - 3 : TILE, column : column + width - 3 : TILE] += t[
                row, column]
    return total[:, 1:-1, 1:-1]


class Winograd(torch.autograd.Function):
    """x [B,C,H,W], weight [O,C,3,3] -> [B,O,H,W], all padded with zeros to keep H and W."""

    @staticmethod
    def forward(ctx, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        batch, channels, height, width = x.shape
        outputs, square = len(weight), POINTS * POINTS
        seen = (INPUT @ tiles(x.permute(0, 2, 3, 1))).view(square, -1, channels)
        filters = (WEIGHT @ weight.permute(2, 3, 1, 0).reshape(9, -1)).view(
            square, channels, outputs)
        points = torch.bmm(seen, filters)
        values = OUTPUT @ points.view(square, -1)
        ctx.save_for_backward(seen, filters)
        ctx.shape = x.shape
        return (values.view(TILE, TILE, batch, height // TILE, width // TILE, outputs)
                .permute(2, 3, 0, 4, 1, 5).reshape(batch, height, width, outputs)
                .permute(0, 3, 1, 2))

    @staticmethod
    def backward(ctx, gradient: torch.Tensor):
        seen, filters = ctx.saved_tensors
        batch, channels, height, width = ctx.shape
        outputs, square = filters.shape[2], POINTS * POINTS
        values = (gradient.permute(0, 2, 3, 1)
                  .reshape(batch, height // TILE, TILE, width // TILE, TILE, outputs)
                  .permute(2, 4, 0, 1, 3, 5).reshape(TILE * TILE, -1))
        points = (OUTPUT.t() @ values).view(square, -1, outputs)
        to_weight = WEIGHT.t() @ torch.bmm(
            seen.transpose(1, 2), points).view(square, -1)
        to_tiles = INPUT.t() @ torch.bmm(
            points, filters.transpose(1, 2)).view(square, -1)
        to_x = sum_of_tiles(to_tiles, torch.Size((batch, height, width, channels)))
        return (to_x.permute(0, 3, 1, 2),
                to_weight.view(3, 3, channels, outputs).permute(3, 2, 0, 1))
