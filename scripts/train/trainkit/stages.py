"""What each stage of training minimises (paper 3.2 and 4)."""

import sys
from pathlib import Path

import torch

from . import backbone, checkpoint, evaluate, joint, loop
from .attribution import Attributor
from .config import Config
from .data import Batches, Dataset, on_device, to_float
from .fold import folded_body
from .matching import Matching
from .model import AgileModel, ReferenceModel
from .quantiser import Quantiser
from .ranking import rank, reorder
from .rounding import RoundingQuantiser

STAGE1 = ("dataset", "network", "reference")
STAGE2 = (*STAGE1, "align", "joint")


def fingerprint(config: Config, *sections: str) -> str:
    """What a checkpoint depends on: parts of the configuration, and the backbone's weights."""
    return f"{config.fingerprint(*sections)}-{backbone.digest(config.backbone)}"


def check_checkpoints(config: Config, out: Path) -> None:
    """Refuses another configuration's checkpoints before any time is spent."""
    for name, sections in (("reference", STAGE1), ("ranking", STAGE1), ("align", STAGE2),
                           ("joint", STAGE2)):
        checkpoint.load(out / f"{name}.pt", fingerprint(config, *sections))


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
        fingerprint=fingerprint(config, *STAGE1),
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
    mark = fingerprint(config, *STAGE1)
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


def train_jointly(config: Config, dataset: Dataset, stage1: ReferenceModel,
                  out: Path) -> AgileModel:
    """Stages 1b and 2. `stage1` is in evaluation mode; its channels are reordered in place."""
    rank_channels(config, stage1, dataset, out)
    attributor = frozen_attributor(config, stage1, dataset.side, len(dataset.labels))
    torch.manual_seed(config.seed + 1)
    model = make_agile(config, dataset)
    model.start_from(stage1)
    place_centres(model, dataset)
    joint.run(config, model, attributor, dataset, out, fingerprint(config, *STAGE2))
    return model.eval()


def place_centres(model: AgileModel, dataset: Dataset) -> None:
    model.eval()
    with torch.no_grad():
        sample = model.extractor(to_float(dataset.train.images[:256], dataset.side))
    model.quantiser.start_from(sample[:, model.k :])
