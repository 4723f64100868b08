"""What each stage of training minimises (paper 3.2 and 4)."""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from . import checkpoint, evaluate, loop, losses
from .attribution import Attributor
from .config import Config, JointConfig
from .data import SIZE, Batches, Dataset, to_float
from .fold import folded_body
from .model import AgileModel, ReferenceModel
from .quantiser import Quantiser
from .ranking import rank, reorder


STAGE1 = ("dataset", "network", "reference")
STAGE2 = (*STAGE1, "joint")
STAGE3 = (*STAGE2, "polish")


def check_checkpoints(config: Config, out: Path) -> None:
    """Refuses another configuration's checkpoints before any time is spent."""
    for name, sections in (("reference", STAGE1), ("ranking", STAGE1), ("joint", STAGE2),
                           ("polish", STAGE3)):
        checkpoint.load(out / f"{name}.pt", config.fingerprint(*sections))


def train_reference(config: Config, dataset: Dataset, out: Path) -> ReferenceModel:
    """Stage 1: extractor and reference network on the task alone."""
    torch.manual_seed(config.seed)
    stage = config.reference
    model = ReferenceModel(config.network, len(dataset.labels))
    model = model.to(memory_format=torch.channels_last)

    def loss(images, labels, step):
        logits = model(images)
        value = F.cross_entropy(logits, labels, label_smoothing=stage.labelSmoothing)
        right = (logits.detach().argmax(1) == labels).float().mean()
        return value, {"trainAccuracy": 100.0 * float(right)}

    loop.run(loop.Stage(
        name="reference", module=model,
        batches=Batches(dataset.train, stage.batch, config.dataset.augment,
                        config.dataset.pad, config.seed),
        loss=loss,
        evaluate=lambda: {"testAccuracy": evaluate.accuracy(model, dataset.test)},
        epochs=stage.epochs, rate=stage.peakRate, warmup=stage.warmup,
        decay=stage.weightDecay,
        fingerprint=config.fingerprint(*STAGE1),
    ), out)
    return model.eval()


def frozen_attributor(config: Config, model: ReferenceModel, classes: int) -> Attributor:
    joint = config.joint
    with torch.no_grad():
        shape = model.extractor(torch.zeros(1, 3, SIZE, SIZE)).shape[1:]
    return Attributor.make(
        folded_body(model.reference), joint.attribution, joint.attributionSteps, shape, classes)


def rank_channels(config: Config, model: ReferenceModel, dataset: Dataset, out: Path) -> None:
    """Stage 1b: reorders the channels of `model` in place, the most important first. The order
    is kept beside the checkpoints: a resumed run must not find another one."""
    path = out / "ranking.pt"
    fingerprint = config.fingerprint(*STAGE1)
    saved = checkpoint.load(path, fingerprint)
    if saved:
        order = saved["order"]
    else:
        attributor = frozen_attributor(config, model, len(dataset.labels))
        order, totals = rank(model, attributor, dataset.train, config.network.localChannels,
                             config.joint.rankingImages)
        share = totals[order].float() / totals.sum()
        print("ranking:", " ".join(
            f"{c}:{s:.1%}" for c, s in zip(order.tolist(), share.tolist())),
            file=sys.stderr, flush=True)
        checkpoint.save(path, {"fingerprint": fingerprint, "order": order, "totals": totals})
    reorder(model, order)


def make_agile(config: Config, dataset: Dataset) -> AgileModel:
    joint = config.joint
    model = AgileModel(
        config.network, Quantiser(joint.centres, joint.quantiserTemperature),
        len(dataset.labels), joint.alpha, joint.alphaTemperature)
    return model.to(memory_format=torch.channels_last)


def train_jointly(config: Config, dataset: Dataset, stage1: ReferenceModel,
                  out: Path) -> tuple[AgileModel, Attributor]:
    """Stages 1b, 2 and 3; -> the model and what judged it. `stage1` is in evaluation mode; its
    channels are reordered in place."""
    rank_channels(config, stage1, dataset, out)
    attributor = frozen_attributor(config, stage1, len(dataset.labels))
    torch.manual_seed(config.seed + 1)
    model = make_agile(config, dataset)
    model.start_from(stage1)
    place_centres(model, dataset)
    run_joint_stage("joint", config, config.joint, 1, STAGE2, model, attributor, dataset, out)
    if config.polish:
        place_centres(model, dataset)
        run_joint_stage("polish", config, config.polish.over(config.joint), 2, STAGE3, model,
                        attributor, dataset, out)
    return model.eval(), attributor


def place_centres(model: AgileModel, dataset: Dataset) -> None:
    model.eval()
    with torch.no_grad():
        sample = model.extractor(to_float(dataset.train.images[:256]))
    model.quantiser.start_from(sample[:, model.k :])


def run_joint_stage(name: str, config: Config, joint: JointConfig, seed: int,
                    sections: tuple[str, ...], model: AgileModel, attributor: Attributor,
                    dataset: Dataset, out: Path) -> None:
    """Extractor, local network, quantiser, remote network and alpha on the whole loss."""
    k = model.k
    objective = losses.importance_loss(k, joint.rho)
    share = max(1, round(joint.xaiShare * joint.batch))

    def loss(images, labels, step):
        features = model.extractor(images)
        combined, local, remote, bits = model.answer(features)

        def task(logits):
            return F.cross_entropy(logits, labels, label_smoothing=joint.labelSmoothing)

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
        name=name, module=model,
        batches=Batches(dataset.train, joint.batch, config.dataset.augment,
                        config.dataset.pad, config.seed + seed),
        loss=loss,
        evaluate=lambda: evaluate.agile(model, attributor, dataset.test, k, count=2000),
        epochs=joint.epochs, rate=joint.peakRate, warmup=joint.warmup,
        decay=joint.weightDecay,
        fingerprint=config.fingerprint(*sections),
        scales={"quantiser": joint.quantiserRate, "mixing": joint.alphaRate,
                "extractor": joint.extractorRate, "local": joint.localRate},
    ), out)
