"""A strong network on whole images, trained once and kept in half precision: its weights' file.

Its trunk starts every reference network of its data set, or every remote one of its form, whatever the
extractor.
"""

import hashlib
import io
from pathlib import Path

import numpy as np
import torch

from . import files
from .body import Body, plain
from .errors import MissingInput, UserError
from .mobilenet import mobile

FOLDER = Path(__file__).resolve().parents[3] / "Config" / "backbones"


def save(body: Body, path: Path) -> None:
    """Weights in half precision, norms and biases in single."""
    arrays = {name: (tensor.half() if tensor.ndim > 1 else tensor).cpu().numpy()
              for name, tensor in body.state_dict().items()}
    content = io.BytesIO()
    np.savez(content, **arrays)
    files.write(path, content.getvalue())


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.npz"


def existing(name: str) -> Path:
    path = path_of(name)
    if not path.is_file():
        raise MissingInput(f"no backbone {path} (scripts/train/backbone.py makes it)")
    return path


def digest(name: str) -> str:
    """Of the weights' file, which every checkpoint of what starts from it depends on."""
    return hashlib.sha256(existing(name).read_bytes()).hexdigest()


def load(name: str) -> dict[str, torch.Tensor]:
    path = existing(name)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            tensors = {key: torch.from_numpy(arrays[key]) for key in arrays}
    except Exception as error:
        raise UserError(f"{path}: not a readable backbone ({type(error).__name__})") from error
    if any(tensor.is_complex() for tensor in tensors.values()):
        raise UserError(f"{path}: not a readable backbone (a complex weight)")
    if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise UserError(f"{path}: not a readable backbone (a weight is no number)")
    if any(bool((tensor < 0).any()) for key, tensor in tensors.items()
           if key.endswith("running_var")):
        raise UserError(f"{path}: not a readable backbone (a variance below zero)")
    return {key: tensor.float() if tensor.ndim else tensor for key, tensor in tensors.items()}


def widths(name: str) -> list[int]:
    """Of its trunk: of its first block, and of each block with a pool."""
    weights = load(name)
    found = [weights[key].shape for key in weights
             if key.startswith("trunk.") and key.endswith("conv.weight")]
    return [found[0][0], *(shape[0] for shape in found[1::2])]


def classes(name: str) -> int:
    return len(load(name)["dense.bias"])


def form(kind: str, side: int, widths: list[int], classes: int) -> Body:
    """An untrained network on images [B,3,side,side]: `plain`, or `mobilenetv2` without widths."""
    return plain(3, side, widths, classes) if kind == "plain" else mobile(3, side, classes)


def rebuild(name: str) -> Body:
    """The backbone itself, in evaluation mode."""
    weights = load(name)
    try:
        side = 64 if weights["adapter.0.conv.weight"].shape[-1] == 4 else 32
        kind = "plain" if "trunk.0.conv.weight" in weights else "mobilenetv2"
        body = form(kind, side, widths(name) if kind == "plain" else [], classes(name))
        body.load_state_dict(weights)
    except (KeyError, IndexError, TypeError, RuntimeError) as error:
        raise UserError(f"{path_of(name)}: not a backbone of this program's form "
                        f"({type(error).__name__})") from error
    return body.eval().to(memory_format=torch.channels_last)


def start(body: Body, name: str, same_task: bool = True) -> None:
    """Gives `body` the trunk and the dense layer of a backbone; its adapter stays as it was, and
    its dense layer too where it is for other classes and not `same_task`."""
    weights = {key: tensor for key, tensor in load(name).items() if not key.startswith("adapter.")}
    own = body.state_dict()
    if not same_task and len(own["dense.bias"]) != classes(name):
        weights |= {key: own[key] for key in ("dense.weight", "dense.bias")}
    for key in sorted({*weights, *(key for key in own if not key.startswith("adapter."))}):
        if key not in own or key not in weights or own[key].shape != weights[key].shape:
            raise UserError(f"backbone {name}: its {key} does not fit the network or its classes")
    body.load_state_dict({**own, **weights})
