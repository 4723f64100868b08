"""Training a backbone on whole images, once: what every later network of that data set starts from."""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from . import backbone, checkpoint, data, evaluate, files, loop, teacher
from . import config as configuration
from .body import Body
from .config import BackboneConfig
from .data import Batches, Dataset
from .errors import UserError

CONFIGURATIONS = Path(__file__).resolve().parents[3] / "Config" / "training" / "backbones"


def fingerprint(config: BackboneConfig, dataset: Dataset) -> str:
    taught = f"-{backbone.digest(config.teacher)}" if config.teacher else ""
    return f"{config.fingerprint()}-{dataset.train.digest}{taught}"


def train(config: BackboneConfig, dataset: Dataset, out: Path) -> Body:
    """`out`: the run's folder; a teacher's answers are kept beside it."""
    torch.manual_seed(config.seed)
    body = backbone.form(config.body, dataset.side, config.widths, len(dataset.labels))
    body = body.to(memory_format=torch.channels_last)
    wanted = config.training
    targets = teacher.targets(config.teacher, wanted, config.dataset, dataset, out.parent)

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
    """Trains a backbone, its teacher before it where that is not there, and writes its weights to
    `path`."""
    files.check_writable(path.parent)
    if path.is_dir():
        raise UserError(f"{path}: a folder, not a file of weights")
    with files.held(out):
        _make(config, data_folder, out, path)


def _make(config: BackboneConfig, data_folder: Path, out: Path, path: Path) -> None:
    dataset = data.load(config.dataset.name, data_folder)
    dataset.check_batch("training", config.training.batch)
    if config.teacher:
        make_if_absent(config.teacher, data_folder, out.parent)
        backbone.rebuild(config.teacher)
        if backbone.classes(config.teacher) != len(dataset.labels):
            raise UserError(f"teacher: backbone {config.teacher} has "
                            f"{backbone.classes(config.teacher)} classes, not {len(dataset.labels)}")
    checkpoint.load(out / "backbone.pt", fingerprint(config, dataset))
    body = train(config, dataset, out)
    backbone.save(body, path)
    percent = evaluate.accuracy(body, dataset)
    print(f"{path.name}: {percent:.2f} % of {len(dataset.test)} test images", file=sys.stderr)


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
