"""Pictures of a run: its curves, the importance of each channel, and skewness over the test set
before and after the losses on it (the paper's Figures 4 and 15).
"""

import contextlib
import csv
from pathlib import Path

import matplotlib
import numpy as np
import torch

from . import evaluate
from .attribution import Attributor
from .config import Config
from .data import Dataset, on_device, to_float
from .model import AgileModel, ReferenceModel

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

PERCENT = {"combined": "combined", "local": "local", "remote": "remote",
           "reference": "reference network", "testAccuracy": "reference network, stage 1",
           "trainAccuracy": "combined, training images"}
IMPORTANCE = (("skewness", 1.0, "skewness, %"), ("violations", 1.0, "disorder violations, %"),
              ("payload", 0.1, "payload, 10 bytes"))
BEFORE, AFTER = "tab:grey", "tab:blue"


def rows(path: Path) -> dict[str, list[float]]:
    with open(path, newline="") as file:
        content = list(csv.DictReader(file))
    return {key: [float(row[key]) for row in content] for key in (content[0] if content else ())}


def _finish(figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def curves(config: Config, out: Path, path: Path) -> None:
    """Accuracies of the stages over their epochs, and what the importance losses did."""
    stages = [(name, rows(out / f"{name}.csv")) for name in config.stages
              if (out / f"{name}.csv").is_file()]
    stages = [(name, table) for name, table in stages if table]
    title = config.name
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6))
    begin, named = 0.0, set()

    def once(label: str) -> str:
        """Matplotlib leaves a label out of the legend that begins with an underscore."""
        fresh = label not in named
        named.add(label)
        return label if fresh else f"_{label}"

    for name, table in stages:
        epochs = begin + np.array(table["epoch"])
        for (column, label), colour in zip(PERCENT.items(), plt.get_cmap("tab10").colors):
            if column in table:
                left.plot(epochs, table[column], marker="o", color=colour, label=once(label))
        for (column, scale, label), colour in zip(IMPORTANCE, plt.get_cmap("tab10").colors):
            if column in table:
                right.plot(epochs, scale * np.array(table[column]), marker="o", color=colour,
                           label=once(label))
        for axes in (left, right):
            axes.axvline(epochs[-1] + 0.5, color="lightgrey")
            axes.text(epochs.mean(), 1.01, name, transform=axes.get_xaxis_transform(), ha="left",
                      rotation=30, fontsize=7, color="grey")
        begin = float(epochs[-1])
    left.set(xlabel="epoch", ylabel="% right (of the test set 2,000 images)", ylim=(None, 101))
    right.set(xlabel="epoch", xlim=left.get_xlim(), ylim=(0, None))
    left.set_title(f"{title}: accuracy", pad=26)
    right.set_title(f"{title}: importance and payload", pad=26)
    for axes in (left, right):
        axes.legend(fontsize=7, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.14))
        axes.grid(alpha=0.3)
    _finish(figure, path)


def importance_by_channel(before: np.ndarray, after: np.ndarray, k: int, path: Path,
                          title: str) -> None:
    """before, after: [N,C] channel importance of the samples that count."""
    figure, axes = plt.subplots(figsize=(9, 3.6))
    channels = np.arange(before.shape[1])
    axes.bar(channels - 0.2, 100 * before.mean(0), 0.4, color=BEFORE, label="before the importance losses")
    axes.bar(channels + 0.2, 100 * after.mean(0), 0.4, color=AFTER, label="after")
    axes.axvline(k - 0.5, color="black", linestyle="--", linewidth=1)
    edge = axes.get_xaxis_transform()
    axes.annotate("stay on the device", (k - 0.6, 1.02), xycoords=edge, ha="right", fontsize=8)
    axes.annotate("are sent", (k - 0.4, 1.02), xycoords=edge, fontsize=8)
    axes.set(xlabel="channel, in the order of ranking", ylabel="mean importance, %", title=title)
    axes.legend()
    _finish(figure, path)


def skewness_over_samples(before: np.ndarray, after: np.ndarray, k: int, rho: float, path: Path,
                          title: str) -> None:
    figure, axes = plt.subplots(figsize=(6, 3.6))
    for values, colour, label in ((before, BEFORE, "before the importance losses"),
                                  (after, AFTER, "after")):
        share = 100 * values[:, :k].sum(1)
        axes.hist(share, bins=np.arange(0, 102, 2), color=colour, alpha=0.7,
                  label=f"{label}: mean {share.mean():.1f} %")
    axes.axvline(100 * rho, color="black", linestyle="--", linewidth=1)
    axes.annotate("ρ", (100 * rho + 1, axes.get_ylim()[1] * 0.93))
    axes.set(xlabel=f"share of importance in the first {k} channels, %", ylabel="test images",
             title=title)
    axes.legend(fontsize=8)
    _finish(figure, path)


def ablation(table: Path, standing: dict[str, object], path: Path, title: str) -> None:
    """Two panels for each setting that was varied: the answers, and what became of the importance.
    `standing`: each setting's value in the base, whose line stands first in the table."""
    with open(table, newline="") as file:
        base, *lines = csv.DictReader(file)
    figure, panels = plt.subplots(2, len(standing), figsize=(max(6.0, 2.6 * len(standing)), 5.6),
                                  sharey="row", squeeze=False)
    shown = (("combined", "local", "remote"), ("skewness", "violations", "reference"))
    for column, (setting, value) in enumerate(standing.items()):
        chosen = [base] + [line for line in lines if line["setting"] == setting]
        places = [str(value)] + [line["value"] for line in chosen[1:]]
        with contextlib.suppress(ValueError):  # what is no number stays a name, in its own order
            places = [float(place) for place in places]
        here = places[0]
        if isinstance(here, float):
            chosen = [line for _, line in sorted(zip(places, chosen), key=lambda pair: pair[0])]
            places.sort()
        for row, names in zip(panels, shown):
            axes = row[column]
            for name in names:
                axes.plot(places, [float(line[name]) for line in chosen], marker="o", label=name)
            axes.axvline(here, color="lightgrey", zorder=0)
            axes.grid(alpha=0.3)
        axes.set(xlabel=setting)
    for row in panels:
        row[0].set(ylabel="%")
        row[-1].legend(fontsize=7)
    figure.suptitle(f"{title}: one setting at a time (grey: as it stands)")
    _finish(figure, path)


def importance_over_test(extractor, attributor: Attributor, dataset: Dataset,
                         count: int = 2000) -> np.ndarray:
    """[N,C] of those of the first `count` test images that the reference network gets right."""
    parts = []
    for begin in range(0, min(count, len(dataset.test)), evaluate.BATCH):
        part = slice(begin, min(begin + evaluate.BATCH, count))
        with torch.no_grad():
            features = extractor(to_float(dataset.test.images[part], dataset.side))
        importance, right = attributor.importance(features, on_device(dataset.test.labels[part]))
        parts.append(importance[right])
    return torch.cat(parts).numpy()


def mixing(model: AgileModel, dataset: Dataset, path: Path, title: str, count: int = 2000) -> None:
    """What the combined answer would be right about for every alpha, and where alpha is."""
    local, remote, labels = [], [], dataset.test.labels[:count]
    for images in dataset.test.images[:count].split(evaluate.BATCH):
        with torch.no_grad():
            _, ours, theirs, _ = model.answer(model.extractor(to_float(images, dataset.side)))
        local.append(ours.cpu())
        remote.append(theirs.cpu())
    local, remote = torch.cat(local), torch.cat(remote)
    alphas = np.linspace(0, 1, 101)
    right = [100 * float(((a * local + (1 - a) * remote).argmax(1) == labels.cpu()).float().mean())
             for a in alphas]
    figure, axes = plt.subplots(figsize=(6, 3.6))
    axes.plot(alphas, right, color=AFTER)
    alpha = float(model.alpha.detach())
    axes.axvline(alpha, color="black", linestyle="--", linewidth=1)
    axes.annotate(f" α = {alpha:.2f}", (alpha, min(right)))
    axes.set(xlabel="α: 0 is the remote answer alone, 1 the local one", title=title,
             ylabel=f"% of {len(labels):,} test images right")
    axes.grid(alpha=0.3)
    _finish(figure, path)


def draw(config: Config, stage1: ReferenceModel, model: AgileModel, attributor: Attributor,
         dataset: Dataset, out: Path) -> list[Path]:
    """Pictures of the run, into its folder; -> their paths."""
    before = importance_over_test(stage1.extractor, attributor, dataset)
    after = importance_over_test(model.extractor, attributor, dataset)
    paths = [out / f"{name}.png" for name in ("curves", "importance", "skewness", "mixing")]
    curves(config, out, paths[0])
    importance_by_channel(before, after, model.k, paths[1], config.name)
    skewness_over_samples(before, after, model.k, config.joint.rho, paths[2], config.name)
    mixing(model, dataset, paths[3], config.name)
    return paths
