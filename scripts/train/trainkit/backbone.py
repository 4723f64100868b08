"""A strong network on whole images, trained once and kept in few bytes: its weights' file.

Its trunk starts every reference network of its data set, or every remote one of its form, whatever the
extractor.
"""

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import torch

from . import files
from .body import Body, plain
from .errors import MissingInput, UserError
from .lite import SIDES as LITE_SIDES
from .lite import lite
from .mobilenet import mobile

FOLDER = Path(__file__).resolve().parents[3] / "Config" / "backbones"


# Behind the name of weights that are stored as int8: what each of their channels is multiplied by.
SCALE = ".scale"
ABOUT = "about"


def save(body: Body, path: Path, about: dict | None = None) -> None:
    """Weights in half precision, norms and biases in single. With `about`, which says how it was made:
    weights as int8 with a scale for each channel that they give, and `about` beside them."""
    arrays: dict[str, np.ndarray] = {}
    for name, tensor in body.state_dict().items():
        values = tensor.cpu().numpy()
        if about is not None and tensor.ndim > 1:
            # A channel of zeros needs some scale.
            scale = np.abs(values).reshape(len(values), -1).max(1).clip(min=1e-12) / 127
            values = np.rint(values / scale.reshape(-1, *[1] * (tensor.ndim - 1))).astype(np.int8)
            arrays[name + SCALE] = scale.astype(np.float32)
        elif tensor.ndim > 1:
            values = values.astype(np.float16)
        arrays[name] = values
    if about is not None:
        arrays[ABOUT] = np.frombuffer(json.dumps(about, sort_keys=True).encode(), np.uint8)
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


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays}
    except Exception as error:
        raise UserError(f"{path}: not a readable backbone ({type(error).__name__})") from error


def about(name: str) -> dict:
    """How it was made, where that was stored: `body`, `side`, `pretrained`."""
    content = _arrays(existing(name)).get(ABOUT)
    if content is None:
        return {}
    try:
        found = json.loads(content.tobytes())
        if found["body"] == "lite0" and found["side"] in LITE_SIDES:
            return found
    except (ValueError, TypeError, KeyError):
        pass
    raise UserError(f"{path_of(name)}: not a readable backbone (what it says of itself)")


def load(name: str) -> dict[str, torch.Tensor]:
    return read(existing(name))


def read(path: Path) -> dict[str, torch.Tensor]:
    """The weights in a file, in single precision whatever they are stored in."""
    arrays = _arrays(path)
    arrays.pop(ABOUT, None)
    try:
        scales = {key: arrays.pop(key + SCALE) for key in [*arrays] if key + SCALE in arrays}
        for key, scale in scales.items():
            arrays[key] = arrays[key] * scale.reshape(-1, *[1] * (arrays[key].ndim - 1))
        tensors = {key: torch.from_numpy(values) for key, values in arrays.items()}
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
    """An untrained network on images [B,3,side,side]: `plain`, or `mobilenetv2` or `lite0` without
    widths; a `lite0` scales its images to `side`."""
    if kind == "lite0":
        return lite(side, classes)
    return plain(3, side, widths, classes) if kind == "plain" else mobile(3, side, classes)


def rebuild(name: str) -> Body:
    """The backbone itself, in evaluation mode."""
    weights, made = load(name), about(name)
    try:
        if made:
            body = form(made["body"], made["side"], [], len(weights["dense.bias"]))
            body.load_state_dict(weights)
            return body.eval().to(memory_format=torch.channels_last)
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
