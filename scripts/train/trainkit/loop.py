"""The training loop that every stage shares: seeded, resumable, logged."""

import csv
import io
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import torch
from torch import nn
from tqdm import tqdm

from . import checkpoint, distributed, files
from .body import Normed
from .config import StageConfig
from .errors import UserError
from .muon import Muon


def one_cycle(step: int, steps: int, warmup: float) -> float:
    """The share of the peak rate: up linearly over `warmup` of the steps, then down to zero."""
    rise = max(1.0, warmup * steps)
    if step < rise:
        return (step + 1) / (rise + 1)
    return max(0.0, (steps - step) / max(1.0, steps - rise))


def optimisers(module: nn.Module, rates: "Rates") -> list[torch.optim.Optimizer]:
    """Muon for the undivided convolutions of a body where `rates.muon` is not zero, SGD with Nesterov
    momentum for all else. Biases, norms and scalars do not decay; `rates.scales` gives the rate of
    parameters whose name starts with a key as a multiple of SGD's."""
    orthogonal = {id(normed.conv.weight) for name, normed in module.named_modules()
                  if isinstance(normed, Normed) and normed.conv.groups == 1
                  and not name.startswith(rates.by_sgd)} if rates.muon else set()
    matrices: list[nn.Parameter] = []
    groups: dict[tuple[bool, float], list[nn.Parameter]] = {}
    for name, parameter in module.named_parameters():
        if not parameter.requires_grad:
            continue
        if id(parameter) in orthogonal:
            matrices.append(parameter)
            continue
        scale = next((s for prefix, s in rates.scales.items() if name.startswith(prefix)), 1.0)
        groups.setdefault((parameter.squeeze().ndim > 1, scale), []).append(parameter)
    found: list[torch.optim.Optimizer] = [torch.optim.SGD(
        [{"params": parameters, "weight_decay": rates.decay if decays else 0.0,
          "peak": scale * rates.peak} for (decays, scale), parameters in groups.items()],
        lr=0.0, momentum=0.9, nesterov=True,
    )]
    if matrices:
        found.append(Muon([{"params": matrices, "peak": rates.muon}]))
    return found


@dataclass(frozen=True)
class Rates:
    """Peak rates of a stage. `peak`: SGD's; `muon`: Muon's, 0 for SGD everywhere; `warmup`: the
    share of the steps in which they rise; `decay`: SGD's weight decay; `by_sgd`: what Muon leaves alone,
    by the beginnings of its names."""

    peak: float
    muon: float
    warmup: float
    decay: float
    scales: dict[str, float] = field(default_factory=dict)
    by_sgd: tuple[str, ...] = ()

    @classmethod
    def of(cls, stage: StageConfig, scales: dict[str, float] | None = None,
           by_sgd: tuple[str, ...] = ()) -> "Rates":
        return cls(stage.peakRate, stage.muonRate, stage.warmup, stage.weightDecay, scales or {},
                   by_sgd)


@dataclass
class Stage:
    """One stage of training. `loss` takes a batch and gives the loss and the numbers to log; `evaluate` gives more numbers after an epoch."""

    name: str
    module: nn.Module
    batches: Callable
    loss: Callable
    evaluate: Callable[[], dict[str, float]]
    epochs: int
    rates: Rates
    fingerprint: str


class Stopped(Exception):
    """The run ended where a test wanted it to."""


class Log:
    """A CSV file, one line an epoch. Lines of epochs after `step`, which a run that was killed wrote
    after its last checkpoint, or another run, are dropped."""

    def __init__(self, path: Path, step: int):
        self.path = path
        if path.exists():
            try:
                with open(path, newline="", encoding="utf-8") as file:
                    rows = list(csv.DictReader(file))
            except (csv.Error, UnicodeDecodeError):
                raise UserError(f"{path}: not a log of this program; move it away") from None
            kept = [row for row in rows if None not in row and None not in row.values()
                    and (row.get("step") or "").isdecimal() and int(row["step"]) <= step]
            text = io.StringIO()
            writer = csv.writer(text)
            writer.writerows([list(kept[0]), *(row.values() for row in kept)] if kept else [])
            files.write(path, text.getvalue().encode())

    def write(self, row: dict) -> None:
        with open(self.path, "a", newline="") as file:
            writer = csv.writer(file)
            if file.tell() == 0:
                writer.writerow(list(row))
            writer.writerow(
                [f"{v:.7g}" if isinstance(v, float) else v for v in row.values()])


def run(stage: Stage, out: Path, save_every: float = 60.0, stop_after: int | None = None) -> None:
    """Trains `stage.module` in place to the end of its schedule. A checkpoint is written every
    `save_every` seconds and after each epoch; a run that was killed goes on from the last one,
    with the batches it would have seen. `stop_after`: raise `Stopped` after that many steps (tests).
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{stage.name}.pt"
    optimizers = optimisers(stage.module, stage.rates)
    per_epoch = stage.batches.steps
    total = stage.epochs * per_epoch
    step, sums, seconds = 0, {}, 0.0
    saved = checkpoint.load(path, stage.fingerprint)
    if saved:
        try:
            stage.module.load_state_dict(saved["module"])
            for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
                optimizer.load_state_dict(state)
            step, sums, seconds = saved["step"], saved["sums"], saved["seconds"]
        except (KeyError, RuntimeError, ValueError, TypeError) as error:
            raise UserError(f"{path}: not a checkpoint of this stage "
                            f"({type(error).__name__})") from error
    if step >= total:
        return

    log = Log(out / f"{stage.name}.csv", step) if distributed.leads() else None
    compute = distributed.spread(stage.module, stage.loss)
    since, last_save, began = 0, time.monotonic(), time.monotonic()

    def save():
        if not all(bool(tensor.isfinite().all()) for tensor in stage.module.state_dict().values()):
            raise UserError(f"{stage.name}: a weight is no number any more at step {step}: "
                            "lower its rates")
        if not distributed.leads():
            return
        checkpoint.save(path, {
            "fingerprint": stage.fingerprint, "stage": stage.name, "step": step, "sums": sums,
            "seconds": seconds + time.monotonic() - began,
            "module": stage.module.state_dict(), "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        })

    quiet = not sys.stderr.isatty()
    with tqdm(disable=not distributed.leads(), total=total, initial=step, desc=stage.name, unit="step", ascii=True,
              mininterval=30.0 if quiet else 0.5, dynamic_ncols=not quiet) as bar:
        while step < total:
            epoch, within = divmod(step, per_epoch)
            stage.module.train()
            batch = stage.batches(epoch, within)
            share = one_cycle(step, total, stage.rates.warmup)
            for optimizer in optimizers:
                optimizer.zero_grad(set_to_none=True)
                for group in optimizer.param_groups:
                    group["lr"] = group["peak"] * share
            # Whatever the loss draws, a resumed run draws again.
            torch.manual_seed(step * distributed.size() + distributed.rank())
            loss, numbers = compute(batch)
            if not bool(loss.detach().isfinite()):
                raise UserError(f"{stage.name}: the loss is no number any more at step {step + 1}: "
                                "lower its rates")
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
            step += 1
            since += 1
            numbers = distributed.mean({"loss": float(loss.detach()), **numbers})
            for key, value in numbers.items():
                count, sum_ = sums.get(key, (0, 0.0))
                sums[key] = (count + 1, sum_ + float(value))
            bar.update(1)
            if within + 1 == per_epoch:
                means = {key: sum_ / count for key, (count, sum_) in sums.items()}
                stage.module.eval()
            if within + 1 == per_epoch and log:
                row = {"epoch": epoch + 1, "step": step,
                       "seconds": round(seconds + time.monotonic() - began, 1),
                       **means, **stage.evaluate()}
                log.write(row)
                tqdm.write(f"{stage.name} " + " ".join(
                    f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}"
                    for k, v in row.items()), file=sys.stderr)
            if within + 1 == per_epoch:
                sums = {}
            stopping = stop_after is not None and since >= stop_after
            if not sums or stopping or time.monotonic() - last_save > save_every:
                save()
                last_save = time.monotonic()
            if stopping:
                raise Stopped
    distributed.restore(stage.module)
