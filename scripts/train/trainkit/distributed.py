"""A run spread over processes, as `torchrun` starts them: each computes a part of every batch, and all
end with the same weights.

Each process sees the part of the batch that one process alone would see, and its share of the gradients is
averaged by DistributedDataParallel. Batch norms take their moments over the whole batch. What a loss draws
at random it draws in each process anew.
"""

import os
from typing import Callable

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.nn.functional import all_reduce
from torch.nn.parallel import DistributedDataParallel

from .errors import UserError


def wanted() -> int:
    """How many processes `torchrun` started; 1 without it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def size() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def leads() -> bool:
    """Whether this process is the one that writes files."""
    return rank() == 0


def begin(on_gpu: bool) -> str:
    """Joins the others, if there are any; -> this process's device."""
    number = int(os.environ.get("LOCAL_RANK", "0"))
    if on_gpu and number >= torch.cuda.device_count():
        raise UserError(f"process {number} of this machine has no GPU: there are "
                        f"{torch.cuda.device_count()}")
    if wanted() > 1 and not dist.is_initialized():
        dist.init_process_group("nccl" if on_gpu else "gloo")
    return f"cuda:{number}" if on_gpu else "cpu"


def wait() -> None:
    """For all the others, at a file that one of them writes."""
    if size() > 1:
        dist.barrier()


def part(count: int) -> slice:
    """This process's part of a batch."""
    if count % size():
        raise UserError(f"a batch of {count} does not spread over {size()} processes")
    share = count // size()
    return slice(rank() * share, (rank() + 1) * share)


class Loss(nn.Module):
    """A stage's loss as a forward pass, which is what DistributedDataParallel wraps."""

    def __init__(self, module: nn.Module, loss: Callable):
        super().__init__()
        self.module, self.loss = module, loss

    def forward(self, batch):
        return self.loss(batch)


def spread(module: nn.Module, loss: Callable) -> Callable:
    """`loss`, its gradients averaged over all processes."""
    if size() == 1:
        return loss
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.forward = lambda x, norm=norm: normed(norm, x)
    return DistributedDataParallel(Loss(module, loss), broadcast_buffers=False,
                                   find_unused_parameters=True)


def restore(module: nn.Module) -> None:
    """Undoes what `spread` does to the norms of a module."""
    for norm in module.modules():
        norm.__dict__.pop("forward", None)


def normed(norm: nn.BatchNorm2d, x: torch.Tensor) -> torch.Tensor:
    """What `norm` would give of the parts of all processes together."""
    if not norm.training:
        return nn.BatchNorm2d.forward(norm, x)
    count = x.numel() // x.shape[1] * size()
    mean = all_reduce(x.sum(dim=(0, 2, 3))) / count
    centred = x - mean[:, None, None]
    variance = all_reduce(centred.square().sum(dim=(0, 2, 3))) / count
    with torch.no_grad():
        norm.num_batches_tracked += 1
        norm.running_mean.lerp_(mean, norm.momentum)
        norm.running_var.lerp_(variance * (count / max(1, count - 1)), norm.momentum)
    scale = norm.weight / (variance + norm.eps).sqrt()
    return centred * scale[:, None, None] + norm.bias[:, None, None]


def mean(numbers: dict[str, float]) -> dict[str, float]:
    """Over the processes that have the number; all of them know the names that one has."""
    if size() == 1:
        return numbers
    gathered: list = [None] * size()
    dist.all_gather_object(gathered, numbers)
    names = dict.fromkeys(name for found in gathered for name in found)
    values = {name: [found[name] for found in gathered if name in found] for name in names}
    return {name: sum(found) / len(found) for name, found in values.items()}
