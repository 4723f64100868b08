"""What each stage of training minimises (paper 3.2 and 4)."""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from . import backbone, checkpoint, evaluate, loop, losses, teacher
from .attribution import Attributor
from .config import Config
from .data import Batches, Dataset, on_device, to_float
from .fold import folded_body
from .model import AgileModel, ReferenceModel
from .quantiser import Quantiser
from .ranking import rank, reorder
from .rounding import RoundingQuantiser
from .targets import Targets


STAGE1 = ("dataset", "network", "reference")
STAGE2 = (*STAGE1, "joint")


def fingerprint(config: Config, *sections: str) -> str:
    """What a checkpoint depends on: parts of the configuration, and the backbone's weights."""
    return f"{config.fingerprint(*sections)}-{backbone.digest(config.backbone)}"


def check_checkpoints(config: Config, out: Path) -> None:
    """Refuses another configuration's checkpoints before any time is spent."""
    for name, sections in (("reference", STAGE1), ("ranking", STAGE1), ("joint", STAGE2)):
        checkpoint.load(out / f"{name}.pt", fingerprint(config, *sections))


def train_reference(config: Config, dataset: Dataset, out: Path) -> ReferenceModel:
    """Stage 1: the extractor and the reference network's adapter on the task alone."""
    torch.manual_seed(config.seed)
    model = ReferenceModel(config.network, dataset.side, len(dataset.labels))
    backbone.start(model.reference, config.backbone)
    model = model.to(memory_format=torch.channels_last)
    backbone.train_on_task("reference", model, config.reference, config.dataset, dataset,
                           targets(config, config.reference, dataset, out), config.seed,
                           fingerprint(config, *STAGE1), out)
    return model.eval()


def targets(config: Config, stage, dataset: Dataset, out: Path) -> Targets:
    answers = teacher.ask(config.backbone, dataset, out.parent) if stage.distil else None
    return Targets(len(dataset.labels), stage.labelSmoothing, answers, stage.distil)


def frozen_attributor(config: Config, model: ReferenceModel, side: int,
                      classes: int) -> Attributor:
    joint = config.joint
    with torch.no_grad():
        shape = model.extractor(torch.zeros(1, 3, side, side)).shape[1:]
    return Attributor.make(
        folded_body(model.reference), joint.attribution, joint.attributionSteps, shape, classes)


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
    joint, network = config.joint, config.network
    if joint.quantiser == "rounding":
        quantiser = RoundingQuantiser(network.channels - network.localChannels, joint.reach)
    else:
        quantiser = Quantiser(joint.centres, joint.quantiserTemperature)
    model = AgileModel(network, dataset.side, quantiser, len(dataset.labels), joint.alpha,
                       joint.alphaTemperature)
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
    run_joint_stage(config, model, attributor, dataset, out)
    return model.eval()


def place_centres(model: AgileModel, dataset: Dataset) -> None:
    model.eval()
    with torch.no_grad():
        sample = model.extractor(to_float(dataset.train.images[:256], dataset.side))
    model.quantiser.start_from(sample[:, model.k :])


def run_joint_stage(config: Config, model: AgileModel, attributor: Attributor,
                    dataset: Dataset, out: Path) -> None:
    """Extractor, local network, quantiser, remote network and alpha on the whole loss."""
    joint = config.joint
    k = model.k
    objective = losses.importance_loss(k, joint.rho)
    share = max(1, round(joint.xaiShare * joint.batch))

    target_of = targets(config, joint, dataset, out)

    def loss(batch):
        labels, target = batch.labels, target_of(batch)
        features = model.extractor(batch.images)
        combined, local, remote, bits = model.answer(features)

        def task(logits):
            return F.cross_entropy(logits, target)

        prediction = (task(combined) + joint.localWeight * task(local)
                      + joint.remoteWeight * task(remote))
        xai, importance, right = attributor.loss(
            features[:share], labels[:share], objective, joint.anchor)
        value = (joint.lambda_ * prediction + (1 - joint.lambda_) * xai
                 + joint.rateWeight * bits)

        def percent(hits):
            return 100.0 * float(hits.float().mean())

        return value, {
            "prediction": float(prediction.detach()),
            "trainAccuracy": percent(combined.argmax(1) == labels),
            "trainLocal": percent(local.argmax(1) == labels),
            "trainRemote": percent(remote.argmax(1) == labels),
            "trainReference": percent(right),
            "trainSkewness": 100 * float(losses.masked_mean(
                losses.skewness(importance, k), right)),
            "trainViolations": 100 * float(losses.masked_mean(
                (losses.disorder_loss(importance, k) > 0).float(), right)),
            "bits": float(bits.detach()),
        }

    loop.run(loop.Stage(
        name="joint", module=model,
        batches=Batches(dataset, joint.batch, config.dataset, config.seed + 1),
        loss=loss,
        evaluate=lambda: evaluate.agile(model, attributor, dataset, k, count=2000),
        epochs=joint.epochs,
        rates=loop.Rates(joint.peakRate, joint.muonRate, joint.warmup, joint.weightDecay, {
            "quantiser": joint.quantiserRate, "mixing": joint.alphaRate,
            "extractor": joint.extractorRate, "local": joint.localRate}),
        fingerprint=fingerprint(config, *STAGE2),
    ), out)
