"""Training a backbone on whole images, once: what every later network of that data set starts from."""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from . import backbone, checkpoint, data, distributed, evaluate, files, imagenet, lite, loop, teacher
from . import config as configuration
from .body import Body
from .config import BackboneConfig
from .data import Batches, Dataset
from .errors import UserError

CONFIGURATIONS = Path(__file__).resolve().parents[3] / "Config" / "training" / "backbones"


def fingerprint(config: BackboneConfig, dataset: Dataset) -> str:
    taught = f"-{backbone.digest(config.teacher)}" if config.teacher else ""
    return f"{config.fingerprint()}-{dataset.train.digest}{taught}"


class Growing:
    """Batches for a lite0, whose images grow epoch by epoch and whose first layers stay as they are
    from some epoch on."""

    def __init__(self, batches: Batches, config: BackboneConfig, body: Body):
        self.batches, self.config, self.body = batches, config, body
        self.steps, self.settled = batches.steps, False

    def __call__(self, epoch: int, step: int):
        self.body.adapter[0].side = self.config.sides[epoch]
        if 0 < self.config.settled <= epoch and not self.settled:
            lite.settle(self.body)
            self.settled = True
        return self.batches(epoch, step)


def untrained(config: BackboneConfig, dataset: Dataset) -> Body:
    """A network that starts from nothing, or from ImageNet's weights behind a new dense layer."""
    torch.manual_seed(config.seed)
    side = config.sides[-1] if config.sides else dataset.side
    body = backbone.form(config.body, side, config.widths, len(dataset.labels))
    if config.pretrained:
        found = {name: tensor for name, tensor in imagenet.weights().items()
                 if not name.startswith("dense.")}
        body.load_state_dict({**body.state_dict(), **found})
        # No class is favoured before anything is learned.
        torch.nn.init.zeros_(body.dense.weight)
        torch.nn.init.zeros_(body.dense.bias)
    return body.to(memory_format=torch.channels_last)


def train(config: BackboneConfig, dataset: Dataset, out: Path) -> Body:
    """`out`: the run's folder; a teacher's answers are kept beside it."""
    body = untrained(config, dataset)
    wanted = config.training
    targets = teacher.targets(config.teacher, wanted, config.dataset, dataset, out.parent)

    def loss(batch):
        logits = body(batch.images)
        right = (logits.detach().argmax(1) == batch.labels).float().mean()
        return F.cross_entropy(logits, targets(batch)), {"trainAccuracy": 100.0 * float(right)}

    batches = Batches(dataset, wanted.batch, config.dataset, config.seed)
    if config.sides:
        batches = Growing(batches, config, body)
    watched = {"testAccuracy": (dataset.test, 2000)}
    if dataset.held:
        watched = {"heldAccuracy": (dataset.held, None)}

    loop.run(loop.Stage(
        name="backbone", module=body, batches=batches, loss=loss,
        evaluate=lambda: {name: evaluate.accuracy(body, dataset, count, split)
                          for name, (split, count) in watched.items()},
        epochs=wanted.epochs,
        rates=loop.Rates.of(wanted, {"dense.": config.denseRate}),
        fingerprint=fingerprint(config, dataset),
    ), out)
    if config.sides:
        body.adapter[0].side = config.sides[-1]
    return body.eval()


def make(config: BackboneConfig, data_folder: Path, out: Path, path: Path) -> None:
    """Trains a backbone, its teacher before it where that is not there, and writes its weights to
    `path`."""
    files.check_writable(path.parent)
    if path.is_dir():
        raise UserError(f"{path}: a folder, not a file of weights")
    with files.held(out):
        _make(config, data_folder, out, path)


def _make(config: BackboneConfig, data_folder: Path, out: Path, path: Path) -> None:
    if config.pretrained:
        imagenet.path()
    dataset = data.load(config.dataset.name, data_folder)
    if config.heldOut:
        dataset = data.hold_out(dataset, config.heldOut)
    dataset.check_batch("training", config.training.batch)
    if config.teacher:
        make_if_absent(config.teacher, data_folder, out.parent)
        backbone.rebuild(config.teacher)
        if backbone.classes(config.teacher) != len(dataset.labels):
            raise UserError(f"teacher: backbone {config.teacher} has "
                            f"{backbone.classes(config.teacher)} classes, not {len(dataset.labels)}")
    checkpoint.load(out / "backbone.pt", fingerprint(config, dataset))
    body = train(config, dataset, out)
    if distributed.leads():
        _finish(config, body, dataset, path)
    distributed.wait()


def _finish(config: BackboneConfig, body: Body, dataset: Dataset, path: Path) -> None:
    backbone.save(body, path, about(config))
    percent = evaluate.accuracy(body, dataset)
    print(f"{path.name}: {percent:.2f} % of {len(dataset.test)} test images", file=sys.stderr)
    if about(config):
        body.load_state_dict(backbone.read(path))
        percent = evaluate.accuracy(body, dataset)
        print(f"{path.name}: {percent:.2f} % as stored", file=sys.stderr)


def about(config: BackboneConfig) -> dict | None:
    """What the file of a lite0 says of itself."""
    if config.body != "lite0":
        return None
    return {"body": config.body, "side": config.sides[-1], "heldOut": config.heldOut,
            "pretrained": imagenet.PROVENANCE if config.pretrained else ""}


def planned(name: str) -> BackboneConfig:
    source = CONFIGURATIONS / f"{name}.yaml"
    return configuration.parse_backbone(configuration.text_of(source), str(source))


def check_planned(config: configuration.Config, data_folder: Path) -> None:
    """Refuses backbones that are yet to be made and cannot be, before any of them is made: without a
    configuration, without images, of other widths than the network that starts from it."""
    for name in config.backbones:
        if backbone.path_of(name).is_file():
            continue
        found = planned(name)
        data.check_present(found.dataset.name, data_folder)
        if name == config.backbone and found.widths != config.network.widths:
            raise UserError(f"network.widths: backbone {name} has {found.widths}")


def make_missing(config: configuration.Config, data_folder: Path, cache: Path) -> None:
    """What `config` starts from and is not there; nothing is made where something cannot be."""
    check_planned(config, data_folder)
    for name in config.backbones:
        make_if_absent(name, data_folder, cache)


def make_if_absent(name: str, data_folder: Path, cache: Path) -> None:
    """For a data set whose backbone is not committed: one command trains all."""
    if not backbone.path_of(name).is_file():
        config = planned(name)
        make(config, data_folder, cache / f"backbone-{name}", backbone.path_of(name))
