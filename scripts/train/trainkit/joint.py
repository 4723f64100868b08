"""Stage 2: extractor, local network, quantiser, remote network and alpha (paper 3.1 and 3.2).

First only what lies before the remote network's trunk: the adapter learns to give the trunk, from what
is sent, what the backbone's had from images, while the channels' importance takes its shape. Then
everything on the whole loss, at last at low rates and with more weight on the channels' order.
"""

from pathlib import Path

import torch
import torch.nn.functional as F

from . import evaluate, loop, losses
from .attribution import Attributor
from .config import Config
from .data import Batch, Batches, Dataset
from .matching import Matching
from .model import AgileModel
from .targets import Targets


def percent(hits: torch.Tensor) -> float:
    return 100.0 * float(hits.float().mean())


class Losses:
    """What both parts minimise: called with a batch, the loss and the numbers to log."""

    def __init__(self, config: Config, model: AgileModel, attributor: Attributor, targets: Targets):
        self.wanted, self.match_weight = config.joint, config.align.matchWeight
        self.model, self.attributor, self.targets = model, attributor, targets
        # The channels come into order first: before that a heavy L_disorder is least where the
        # reference network is wrong about everything.
        self.ordering, self.objective, self.settling = (
            losses.importance_loss(model.k, self.wanted.rho, weight)
            for weight in (1.0, self.wanted.disorderWeight, config.settle.disorderWeight))
        self.matching = (Matching(config.remoteBackbone or config.backbone)
                         if config.align.epochs else None)

    def aligned(self, batch: Batch) -> tuple[torch.Tensor, dict[str, float]]:
        model, features = self.model, self.model.extractor(batch.images)
        local = model.local(features[:, : model.k])
        sent, bits = model.quantiser(features[:, model.k :])
        distance = self.matching.distance(model.remote.adapter(sent), batch.whole)
        prediction = (self.match_weight * distance
                      + self.wanted.localWeight * F.cross_entropy(local, self.targets(batch)))
        value, numbers = self._with_importance(
            prediction, bits, features, batch.labels, self.ordering)
        return value, {"distance": float(distance.detach()),
                       "trainLocal": percent(local.argmax(1) == batch.labels), **numbers}

    def joint(self, batch: Batch) -> tuple[torch.Tensor, dict[str, float]]:
        return self._whole(batch, self.objective)

    def settled(self, batch: Batch) -> tuple[torch.Tensor, dict[str, float]]:
        return self._whole(batch, self.settling)

    def _whole(self, batch: Batch, objective) -> tuple[torch.Tensor, dict[str, float]]:
        labels, target = batch.labels, self.targets(batch)
        features = self.model.extractor(batch.images)
        combined, local, remote, bits = self.model.answer(features)
        prediction = (F.cross_entropy(combined, target)
                      + self.wanted.localWeight * F.cross_entropy(local, target)
                      + self.wanted.remoteWeight * F.cross_entropy(remote, target))
        value, numbers = self._with_importance(
            prediction, bits, features, labels, objective)
        return value, {
            "prediction": float(prediction.detach()),
            "trainAccuracy": percent(combined.argmax(1) == labels),
            "trainLocal": percent(local.argmax(1) == labels),
            "trainRemote": percent(remote.argmax(1) == labels), **numbers}

    def _with_importance(self, prediction, bits, features, labels, objective):
        """L = lambda L_prediction + (1 - lambda) L_importance, and the rate."""
        wanted, k = self.wanted, self.model.k
        share = max(1, round(wanted.xaiShare * len(labels)))
        xai, importance, right = self.attributor.loss(
            features[:share], labels[:share], objective, wanted.anchor)
        value = wanted.lambda_ * prediction + (1 - wanted.lambda_) * xai + wanted.rateWeight * bits
        return value, {
            "trainReference": percent(right),
            "trainSkewness": 100 * float(losses.masked_mean(
                losses.skewness(importance, k), right)),
            "trainViolations": 100 * float(losses.masked_mean(
                (losses.disorder_loss(importance, k) > 0).float(), right)),
            "bits": float(bits.detach()),
        }


def run(config: Config, model: AgileModel, attributor: Attributor, dataset: Dataset,
        targets: Targets, out: Path, fingerprints: dict[str, str]) -> None:
    """Trains `model` in place. `fingerprints`: of align, joint and settle."""
    found = Losses(config, model, attributor, targets)
    wanted = config.joint
    scales = {"quantiser.middle": wanted.priorRate, "quantiser.log_width": wanted.priorRate,
              "quantiser": wanted.quantiserRate, "mixing": wanted.alphaRate,
              "extractor": wanted.extractorRate, "local": wanted.localRate}
    for name, stage, loss, seed in (("align", config.align, found.aligned, config.seed + 2),
                                    ("joint", wanted, found.joint, config.seed + 1),
                                    ("settle", config.settle, found.settled, config.seed + 4)):
        if stage.epochs == 0:
            continue
        loop.run(loop.Stage(
            name=name, module=model, batches=Batches(dataset, stage.batch, config.dataset, seed),
            loss=loss,
            evaluate=lambda: evaluate.agile(model, attributor, dataset, model.k, count=2000),
            epochs=stage.epochs,
            rates=loop.Rates.of(stage, scales),
            fingerprint=fingerprints[name]), out)
