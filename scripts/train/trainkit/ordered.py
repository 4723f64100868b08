"""The stages of the `ordered` scheme: match, joint, local.

**match**: transform, stream and entry learn to give the trunk what the backbone's own first layers gave it
of the image, whatever part of the stream came; the trunk is not computed. **joint**: all of it on the
answers, with importance as the frozen entry and trunk of `match` measure it. **local**: the local network
alone, on features that no longer move.
"""

import copy
import hashlib
from pathlib import Path

import torch
import torch.nn.functional as F

from . import backbone, curve, lite, loop, losses, teacher, transform
from .attribution import Attributor
from .data import Batches, Dataset, on_device, to_float
from .fold import folded_body
from .model import LocalNetwork
from .ordered_model import OrderedModel, remote_network
from .stream import drawn_units

SAMPLE = 500


class Front:
    """The backbone's own first layers, frozen: images [B,3,S,S] in [0,1] -> maps. `digest`: of their
    weights, all that `match` takes of the backbone."""

    def __init__(self, name: str, blocks: int):
        self.layers = lite.settle(backbone.rebuild(name), blocks).train()
        found = hashlib.sha256()
        for key, tensor in self.layers.state_dict().items():
            found.update(key.encode() + tensor.contiguous().numpy().tobytes())
        self.digest = found.hexdigest()

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return self.layers(images).float()


class Training:
    def __init__(self, config, dataset: Dataset, out: Path):
        self.config, self.dataset, self.out = config, dataset, out
        torch.manual_seed(config.seed)
        model = OrderedModel(config.network, config.backbone, dataset.side)
        self.model = model.to(memory_format=torch.channels_last)
        transform.start(self.model.extractor[-1], dataset.train, config.seed)
        with torch.no_grad():
            sample = to_float(dataset.train.images[:SAMPLE], dataset.side)
            features = self.model.extractor(sample)
            self.model.start_from(features)
        self.cells = features.shape[-1]

    def fingerprint(self, *parts: str) -> str:
        return "-".join([self.config.fingerprint(*parts), backbone.digest(self.config.backbone),
                         self.dataset.train.digest])

    def match(self) -> None:
        model, stage = self.model, self.config.match
        front = Front(self.config.backbone, self.config.network.entry)
        sample = front(to_float(self.dataset.train.images[:SAMPLE], self.dataset.side))
        variance = float(sample.var(dim=(0, 2, 3)).mean())

        def loss(batch):
            features = model.extractor(batch.images)
            units = drawn_units(len(features), model.stream.units)
            received, bits = model.stream(features, units)
            wanted = front(batch.images)
            error = ((model.remote.adapter(received).float() - wanted).square() / variance)
            each = error.mean(dim=(1, 2, 3))
            size = bits.mean() / 800
            whole = units == model.stream.units
            return each.mean() + stage.rateWeight * size, {
                "distance": float(each.detach().mean()),
                "distanceWhole": float(each.detach()[whole].mean()) if whole.any() else 0.0,
                "bytesWhole": float(bits.detach()[whole].mean() / 8) if whole.any() else 0.0}

        mark = "-".join([self.config.fingerprint("dataset", "network", "match"),
                         front.digest, self.dataset.train.digest])
        self._run("match", stage, loss, self.config.seed, mark)
        # The trunk is the backbone's, whichever it was when this was trained.
        fresh = remote_network(self.config.backbone, self.config.network, self.cells)
        for part in ("trunk", "dense"):
            getattr(model.remote, part).load_state_dict(getattr(fresh, part).state_dict())
        self.reference = copy.deepcopy(model.remote)
        # Importance is measured on all channels; from here on some are not sent.
        if self.config.network.kept:
            model.stream.keep(self.config.network.kept)

    def attributor(self) -> Attributor:
        """Importance as the reference network measures it: entry and trunk as `match` left them."""
        reference = folded_body(self.reference)
        with torch.no_grad():
            image = torch.zeros(1, 3, self.dataset.side, self.dataset.side)
            shape = self.model.extractor(image).shape[1:]
        joint = self.config.joint
        return Attributor.make(reference, joint.attribution, joint.attributionSteps, shape,
                               len(self.dataset.labels))

    def joint(self) -> None:
        model, stage = self.model, self.config.joint
        attributor = self.attributor() if stage.xaiShare else None
        objective = losses.importance_loss(stage.important, stage.rho, stage.disorderWeight)
        targets = teacher.targets(self.config.backbone, stage, self.config.dataset, self.dataset,
                                  self.out.parent)

        def loss(batch):
            features = model.extractor(batch.images)
            units = (torch.full((len(features),), min(stage.cut, model.stream.units)) if stage.cut
                     else drawn_units(len(features), model.stream.units))
            combined, local, remote, bits = model.answer(features, units)
            target = targets(batch)
            value = (F.cross_entropy(combined, target)
                     + stage.localWeight * F.cross_entropy(local, target)
                     + stage.remoteWeight * F.cross_entropy(remote, target)
                     + stage.rateWeight * bits.mean() / 800)
            whole = units == model.stream.units
            right = lambda logits: 100.0 * float((logits.argmax(1) == batch.labels).float().mean())
            numbers = {"trainCombined": right(combined), "trainLocal": right(local),
                       "trainRemote": right(remote)}
            if whole.any():
                numbers["bytesWhole"] = float(bits.detach()[whole].mean() / 8)
            if attributor:
                share = max(1, round(stage.xaiShare * len(features)))
                xai, importance, known = attributor.loss(
                    features[:share], batch.labels[:share], objective, stage.anchor)
                value = value + stage.importanceWeight * xai
                numbers |= {"trainReference": 100.0 * float(known.float().mean()),
                            "trainSkewness": 100.0 * float(losses.masked_mean(
                                losses.skewness(importance, stage.important), known))}
            return value, numbers

        self._run("joint", stage, loss, self.config.seed + 1,
                  self.fingerprint("dataset", "network", "match", "joint"))

    def local(self) -> None:
        model, stage = self.model, self.config.local
        if stage.widths:
            torch.manual_seed(self.config.seed + 4)
            model.local = LocalNetwork(self.config.deviceNetwork, len(self.dataset.labels))
        targets = teacher.targets(self.config.backbone, stage, self.config.dataset, self.dataset,
                                  self.out.parent)

        def loss(batch):
            with torch.no_grad():
                features = model.extractor(batch.images)
            logits = model.local_answer(features)
            right = (logits.detach().argmax(1) == batch.labels).float().mean()
            return F.cross_entropy(logits, targets(batch)), {"trainLocal": 100.0 * float(right)}

        self._run("local", stage, loss, self.config.seed + 2,
                  self.fingerprint("dataset", "network", "match", "joint", "local"),
                  lambda: {"local": curve.local_accuracy(model, self.dataset.held)})
        self.refit()

    def refit(self) -> None:
        """alpha anew, by its cross-entropy over held-out images, each cut somewhere: trained ones the
        networks know too well."""
        model, held = self.model.eval(), self.dataset.held
        torch.manual_seed(self.config.seed + 3)
        units = torch.randint(0, model.stream.units + 1, (len(held),))
        features = curve.features_of(model, held.images, self.dataset.side)
        _, local, remote = curve.answers(model, features, units)
        model.mixing.requires_grad_(True)
        search = torch.optim.LBFGS([model.mixing], max_iter=100, line_search_fn="strong_wolfe")

        def closure():
            search.zero_grad()
            # Knots that few images bear on stay near their neighbours.
            bend = (model.mixing[2:] - 2 * model.mixing[1:-1] + model.mixing[:-2]).square().sum()
            loss = F.cross_entropy(model.combine(local, remote, units), held.labels) + 1e-4 * bend
            loss.backward()
            return loss

        search.step(closure)
        model.mixing.requires_grad_(False)

    def _run(self, name, stage, loss, seed, mark, evaluate=None) -> None:
        if not stage.epochs:
            return
        model = self.model
        if name == "local":
            model.requires_grad_(False)
            model.local.requires_grad_(True)
        scales = {"remote.trunk": stage.trunkRate, "remote.dense": stage.trunkRate,
                  "extractor": stage.transformRate, "stream": stage.streamRate, "mixing": 10.0}
        loop.run(loop.Stage(
            name=name, module=model,
            batches=Batches(self.dataset, stage.batch, self.config.dataset, seed), loss=loss,
            evaluate=evaluate or (lambda: curve.quick(model, self.dataset.held)),
            epochs=stage.epochs, rates=loop.Rates.of(stage, scales, by_sgd=("remote.trunk",)),
            fingerprint=mark), self.out)
        model.eval()
