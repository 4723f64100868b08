"""What each stage of training minimises (paper 3.2 and 4)."""

import sys
from dataclasses import fields
from pathlib import Path

import torch
import torch.nn.functional as F

from . import backbone, checkpoint, evaluate, joint, loop, mixing, teacher
from .attribution import Attributor
from .body import SIDE
from .config import Config, JointConfig, StageConfig
from .data import Batches, Dataset, on_device, to_float
from .errors import UserError
from .fold import folded_body
from .layouts import LAYOUTS
from .matching import Matching
from .model import AgileModel, ReferenceModel
from .quantiser import Quantiser
from .ranking import rank, reorder
from .rounding import RoundingQuantiser
from .targets import Targets

REFERENCE = ("dataset", "network", "reference")
# What align takes of joint's settings: its loss, not how long joint goes on and how fast.
LOSS = tuple(f"joint.{name}" for name in sorted(
    {field.name for field in fields(JointConfig)} - {field.name for field in fields(StageConfig)}
    - {"disorderWeight"}))
PARTS = {
    "reference": REFERENCE,
    "ranking": (*REFERENCE, "joint.attribution", "joint.attributionSteps", "joint.rankingImages"),
    "align": (*REFERENCE, "align", *LOSS),
    "joint": (*REFERENCE, "align", "joint"),
    "settle": (*REFERENCE, "align", "joint", "settle"),
    "local": (*REFERENCE, "align", "joint", "settle", "local"),
}


def fingerprint(config: Config, dataset: Dataset, stage: str) -> str:
    """What a stage's checkpoint depends on: parts of the configuration, the backbone's weights, the
    training images."""
    digests = [backbone.digest(name) for name in config.backbones]
    return "-".join([config.fingerprint(*PARTS[stage]), *digests, dataset.train.digest])


def check_geometry(config: Config) -> None:
    """Refuses features that no adapter brings to the backbone's trunk."""
    side = config.dataset.side or LAYOUTS[config.dataset.name].side
    ReferenceModel(config.network, side, classes=2)


def check_batches(config: Config, dataset: Dataset) -> None:
    """Refuses stages whose batches no image would fill."""
    for name, stage in config.stages.items():
        dataset.check_batch(name, stage.batch)


def check(config: Config, dataset: Dataset, out: Path) -> None:
    """Refuses what cannot be trained, or not to the end, before any time is spent: a backbone that
    is broken or does not fit, batches without images, another configuration's checkpoints."""
    for name in config.backbones:
        backbone.rebuild(name)
    backbone.start(ReferenceModel(config.network, dataset.side, len(dataset.labels)).reference,
                   config.backbone)
    start_remote(config, make_agile(config, dataset))
    for name in config.backbones:
        _check_adapter(name, LAYOUTS[config.dataset.name].side)
    check_batches(config, dataset)
    for stage in PARTS:
        checkpoint.load(out / f"{stage}.pt", fingerprint(config, dataset, stage))


def _check_adapter(name: str, side: int) -> None:
    """Refuses a backbone for images of another size: its adapter's maps are what ours learn."""
    with torch.no_grad():
        maps = backbone.rebuild(name).adapter(torch.zeros(1, 3, side, side))
    if maps.shape[-1] != SIDE:
        raise UserError(f"backbone {name}: it is for other images than those of {side}x{side}")


def train_reference(config: Config, dataset: Dataset, out: Path) -> ReferenceModel:
    """Stage 1: the extractor and an adapter that gives the backbone's trunk what it is used to."""
    torch.manual_seed(config.seed)
    model = ReferenceModel(config.network, dataset.side, len(dataset.labels))
    backbone.start(model.reference, config.backbone)
    model = model.to(memory_format=torch.channels_last)
    matching = Matching(config.backbone)

    def loss(batch):
        maps = model.reference.adapter(model.extractor(batch.images))
        return matching.distance(maps, batch.whole), {}

    stage = config.reference
    loop.run(loop.Stage(
        name="reference", module=model,
        batches=Batches(dataset, stage.batch, config.dataset, config.seed), loss=loss,
        evaluate=lambda: {"testAccuracy": evaluate.accuracy(model, dataset, count=2000)},
        epochs=stage.epochs,
        rates=loop.Rates.of(stage),
        fingerprint=fingerprint(config, dataset, "reference"),
    ), out)
    return model.eval()


def frozen_attributor(config: Config, model: ReferenceModel, side: int,
                      classes: int) -> Attributor:
    with torch.no_grad():
        shape = model.extractor(torch.zeros(1, 3, side, side)).shape[1:]
    return Attributor.make(folded_body(model.reference), config.joint.attribution,
                           config.joint.attributionSteps, shape, classes)


def rank_channels(config: Config, model: ReferenceModel, dataset: Dataset, out: Path) -> None:
    """Stage 1b: reorders the channels of `model` in place, the most important first. The order
    is kept beside the checkpoints: a resumed run must not find another one."""
    path = out / "ranking.pt"
    mark = fingerprint(config, dataset, "ranking")
    saved = checkpoint.load(path, mark)
    if saved:
        order = on_device(saved["order"])
    else:
        attributor = frozen_attributor(config, model, dataset.side, len(dataset.labels))
        order, totals = rank(model, attributor, dataset, config.network.localChannels,
                             config.joint.rankingImages)
        share = totals[order].float() / totals.sum()
        print("ranking:", " ".join(
            f"{c}:{s:.1%}" for c, s in zip(order.tolist(), share.tolist())),
            file=sys.stderr, flush=True)
        checkpoint.save(path, {"fingerprint": mark, "order": order, "totals": totals})
    reorder(model, order)


def make_agile(config: Config, dataset: Dataset) -> AgileModel:
    wanted, network = config.joint, config.network
    if wanted.quantiser == "rounding":
        quantiser = RoundingQuantiser(network.channels - network.localChannels, wanted.reach)
    else:
        quantiser = Quantiser(wanted.centres, wanted.quantiserTemperature)
    model = AgileModel(network, dataset.side, quantiser, len(dataset.labels), wanted.alpha,
                       wanted.alphaTemperature)
    return model.to(memory_format=torch.channels_last)


def start_remote(config: Config, model: AgileModel) -> None:
    """The trunk of a remote network of another form than the reference network's."""
    if config.remoteBackbone:
        backbone.start(model.remote, config.remoteBackbone, same_task=False)


def train_jointly(config: Config, dataset: Dataset, stage1: ReferenceModel,
                  out: Path) -> AgileModel:
    """Stages 1b and 2, and the local network's own. `stage1` is in evaluation mode; its channels are
    reordered in place. `out`: the run's folder; a teacher's answers are kept beside it."""
    rank_channels(config, stage1, dataset, out)
    attributor = frozen_attributor(config, stage1, dataset.side, len(dataset.labels))
    torch.manual_seed(config.seed + 1)
    model = make_agile(config, dataset)
    model.start_from(stage1)
    start_remote(config, model)
    place_centres(model, dataset)
    wanted = teacher.targets(config.backbone, config.joint, config.dataset, dataset, out.parent)
    joint.run(config, model, attributor, dataset, wanted, out,
              {stage: fingerprint(config, dataset, stage) for stage in ("align", "joint", "settle")})
    if config.local.epochs:
        train_local(config, model, dataset, wanted, out)
        mixing.refit(model.eval(), dataset, wanted)
    return model.eval()


def train_local(config: Config, model: AgileModel, dataset: Dataset, targets: Targets,
                out: Path) -> None:
    """The local network alone, on features that no longer move: what is sent, and with it the
    remote answer, stays as it is."""
    model.eval()

    def loss(batch):
        with torch.no_grad():
            features = model.extractor(batch.images)[:, : model.k]
        logits = model.local(features)
        right = (logits.detach().argmax(1) == batch.labels).float().mean()
        return F.cross_entropy(logits, targets(batch)), {"trainLocal": 100.0 * float(right)}

    def local(images):
        return model.local(model.extractor(images)[:, : model.k])

    stage = config.local
    loop.run(loop.Stage(
        name="local", module=model.local,
        batches=Batches(dataset, stage.batch, config.dataset, config.seed + 3), loss=loss,
        evaluate=lambda: {"local": evaluate.accuracy(local, dataset, count=2000)},
        epochs=stage.epochs,
        rates=loop.Rates.of(stage),
        fingerprint=fingerprint(config, dataset, "local"),
    ), out)


def place_centres(model: AgileModel, dataset: Dataset) -> None:
    model.eval()
    with torch.no_grad():
        sample = model.extractor(to_float(dataset.train.images[:256], dataset.side))
    model.quantiser.start_from(sample[:, model.k :])
