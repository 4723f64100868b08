"""MCUNet: the whole network on the device, of the form that a search under the board's limits found."""

from dataclasses import dataclass

from .. import config as configuration
from .. import limits
from ..config import DatasetConfig, OnBackbone, TaskConfig
from . import Run, check_backbone, check_stage, opened

STAGES = ("training",)
KERNELS = (3, 5, 7)
# Of a bundle's device graph, which has a byte for each weight.
LARGEST = 2 << 20


@dataclass(frozen=True)
class StemConfig:
    """A 3x3 convolution with ReLU6."""

    channels: int
    stride: int


@dataclass(frozen=True)
class BlockConfig:
    """An inverted residual. `expansion`: the factor by which it widens its inputs, 1 for not at all.
    `kernel`: of its depthwise convolution, which has the `stride`. `channels`: what it gives."""

    expansion: int
    kernel: int
    channels: int
    stride: int


@dataclass(frozen=True)
class NetworkConfig:
    """`head`: channels of a last 1x1 convolution, 0 for none."""

    stem: StemConfig
    blocks: list[BlockConfig]
    head: int = 0


@dataclass(frozen=True)
class MCUNetConfig(OnBackbone):
    """`backbone`: the teacher, whose answers are the share `distil` of the targets. `heldOut`: training
    images that training leaves alone, and that are watched. `side`: of the dataset, to which the device scales
    its image, 0 for the image's own."""

    name: str
    scheme: str
    seed: int
    backbone: str
    dataset: DatasetConfig
    network: NetworkConfig
    training: TaskConfig
    heldOut: int = 5000
    variant: str = ""


def parse(text: str, source: str = "") -> MCUNetConfig:
    return configuration.parse_as(MCUNetConfig, check_values, text, source)


def check_values(config: MCUNetConfig) -> None:
    need = limits.need
    limits.check_on_backbone(config, any_side=True)
    side = config.dataset.side
    need(side == 0 or 8 <= side <= 256, "dataset.side: 0, or from 8 to 256")
    network = config.network
    limits.within("network.stem", network.stem, {"channels": (1, 1024), "stride": (1, 4)})
    need(1 <= len(network.blocks) <= 64, "network.blocks: 1 to 64 of them")
    for i, block in enumerate(network.blocks):
        where = f"network.blocks[{i}]"
        limits.within(where, block, {"expansion": (1, 16), "channels": (1, 1024), "stride": (1, 2)})
        need(block.kernel in KERNELS,
             f"{where}.kernel: {block.kernel} is not one of {', '.join(map(str, KERNELS))}")
    limits.within("network", network, {"head": (0, 4096)})
    limits.check_stage("training", config.training)
    limits.within("training", config.training, {"labelSmoothing": (0, 0.99), "distil": (0, 1)})


def check_until(stage: str | None) -> None:
    check_stage(stage, STAGES)


def check(config: MCUNetConfig) -> None:
    check_backbone(config.backbone)
    size = weights(config.network)
    limits.need(size < LARGEST, f"network: {size} weights, and a device graph has room for {LARGEST} bytes")


def weights(network: NetworkConfig) -> int:
    """Of the convolutions, a byte each on the device."""
    inputs = network.stem.channels
    total = 3 * 3 * 3 * inputs
    for block in network.blocks:
        hidden = inputs * block.expansion
        total += hidden * ((inputs if block.expansion > 1 else 0) + block.kernel**2 + block.channels)
        inputs = block.channels
    return total + inputs * network.head


def check_export() -> None:
    from .. import mcunet_export  # noqa: F401


def train(config: MCUNetConfig, run: Run) -> None:
    from .. import distributed, mcunet

    dataset = opened(config, run)
    dataset.check_batch("training", config.training.batch)
    body = mcunet.train(config, dataset, run.out)
    if run.until == "training" or not distributed.leads():
        return
    import torch

    from ..mcunet_export import export

    # Bit for bit as the device computes: on the CPU.
    torch.set_default_device("cpu")
    export(config, run.command, body.cpu(), dataset, run.folder)
