"""The strong network of a data set: trained once on whole images, kept in half precision.

Its trunk and its dense layer start every reference network of that data set, whatever the extractor.
"""

import hashlib
import io
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from . import checkpoint, data, evaluate, files, loop
from . import config as configuration
from .body import Body, plain
from .config import BackboneConfig
from .data import Batches, Dataset
from .errors import MissingInput, UserError
from .targets import Targets

CONFIG = Path(__file__).resolve().parents[3] / "Config"
FOLDER = CONFIG / "backbones"
CONFIGURATIONS = CONFIG / "training" / "backbones"


def fingerprint(config: BackboneConfig, dataset: Dataset) -> str:
    return f"{config.fingerprint()}-{dataset.train.digest}"


def train(config: BackboneConfig, dataset: Dataset, out: Path) -> Body:
    torch.manual_seed(config.seed)
    body = plain(3, dataset.side, config.widths, len(dataset.labels))
    body = body.to(memory_format=torch.channels_last)
    wanted = config.training
    targets = Targets(len(dataset.labels), wanted.labelSmoothing)

    def loss(batch):
        logits = body(batch.images)
        right = (logits.detach().argmax(1) == batch.labels).float().mean()
        return F.cross_entropy(logits, targets(batch)), {"trainAccuracy": 100.0 * float(right)}

    loop.run(loop.Stage(
        name="backbone", module=body,
        batches=Batches(dataset, wanted.batch, config.dataset, config.seed), loss=loss,
        evaluate=lambda: {"testAccuracy": evaluate.accuracy(body, dataset, count=2000)},
        epochs=wanted.epochs,
        rates=loop.Rates.of(wanted),
        fingerprint=fingerprint(config, dataset),
    ), out)
    return body.eval()


def make(config: BackboneConfig, data_folder: Path, out: Path, path: Path) -> None:
    """Trains a backbone and writes its weights to `path`."""
    for folder in (out, path.parent):
        files.check_writable(folder)
    dataset = data.load(config.dataset.name, data_folder)
    checkpoint.load(out / "backbone.pt", fingerprint(config, dataset))
    body = train(config, dataset, out)
    save(body, path)
    percent = evaluate.accuracy(body, dataset)
    print(f"{path.name}: {percent:.2f} % of {len(dataset.test)} test images", file=sys.stderr)


def make_if_absent(name: str, data_folder: Path, cache: Path) -> None:
    """For a data set whose backbone is not committed: one command trains all."""
    if not path_of(name).is_file():
        source = CONFIGURATIONS / f"{name}.yaml"
        config = configuration.parse_backbone(configuration.text_of(source), str(source))
        make(config, data_folder, cache / f"backbone-{name}", path_of(name))


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
    if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise UserError(f"{path}: not a readable backbone (a weight is no number)")
    return {key: tensor.float() if tensor.ndim else tensor for key, tensor in tensors.items()}


def widths(name: str) -> list[int]:
    """Of its trunk: of its first block, and of each block with a pool."""
    weights = load(name)
    found = [weights[key].shape for key in weights
             if key.startswith("trunk.") and key.endswith("conv.weight")]
    return [found[0][0], *(shape[0] for shape in found[1::2])]


def classes(name: str) -> int:
    return len(load(name)["dense.bias"])


def rebuild(name: str) -> Body:
    """The backbone itself, in evaluation mode."""
    weights = load(name)
    try:
        side = 64 if weights["adapter.0.conv.weight"].shape[-1] == 4 else 32
        body = plain(3, side, widths(name), classes(name))
        body.load_state_dict(weights)
    except (KeyError, IndexError, RuntimeError) as error:
        raise UserError(f"{path_of(name)}: not a backbone of this program's form "
                        f"({type(error).__name__})") from error
    return body.eval().to(memory_format=torch.channels_last)


def start(body: Body, name: str) -> None:
    """Gives `body` the trunk and the dense layer of a backbone; its adapter stays as it was."""
    weights = {key: tensor for key, tensor in load(name).items() if not key.startswith("adapter.")}
    own = body.state_dict()
    for key in sorted({*weights, *(key for key in own if not key.startswith("adapter."))}):
        if key not in own or key not in weights or own[key].shape != weights[key].shape:
            raise UserError(f"backbone {name}: its {key} does not fit network.widths or the classes")
    body.load_state_dict({**own, **weights})
