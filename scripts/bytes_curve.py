#!/usr/bin/env python3
"""Accuracy over bytes: bundles measured by agilenn-lab, beside image codecs and published figures.

scripts/bytes builds what this needs and runs it.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODELS, RESULTS, PICTURES = ROOT / "Config/models", ROOT / "docs/bytes", ROOT / "docs/pictures"
# Caps on an image's payload. 0: the device's own answer.
BUDGETS = (0, 25, 50, 75, 100, 150, 200, 250, 300, 350, 400, 450, 600, 900)
TITLES = {"digits": "Digits", "cifar10": "CIFAR-10", "cifar100": "CIFAR-100",
          "tinyimagenet": "Tiny ImageNet", "svhn": "SVHN"}


class Failure(Exception):
    """One line for the person who runs this."""


@dataclass(frozen=True)
class Point:
    """A bundle at a budget: bytes of payload, accuracies in percent (None where there is no such
    answer), milliseconds of the core before the payload is whole, None where there is none."""

    budget: int
    bytes: float
    answered: float
    combined: float | None
    local: float | None
    remote: float | None
    coded: float | None


def measured(lab: Path, bundle: Path, budget: int, count: int | None) -> Point:
    manifest = json.loads((bundle / "bundle.json").read_text())
    command = [lab, "evaluate", bundle, "--dataset", manifest["dataset"], "--json",
               "--server-time", "0", *(["--count", str(count)] if count else []),
               *(["--budget", str(budget)] if budget else ["--offline"])]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        raise Failure(result.stderr.strip().splitlines()[-1] if result.stderr else
                      f"agilenn-lab ended with {result.returncode}")
    found = json.loads(result.stdout)
    accuracy, stages = found["accuracy"], found["byStage"]
    coded = sum(stages.get(stage, {}).get("mean", 0) for stage in ("extract", "code")) / 1000
    return Point(budget, found["mean"]["bytes"]["payload"], accuracy["answered"],
                 accuracy["combined"], accuracy["local"], accuracy["remote"],
                 coded if budget else None)


def curve(lab: Path, bundle: Path, count: int | None) -> list[Point]:
    """Until a greater budget sends nothing more."""
    points: list[Point] = []
    for budget in BUDGETS:
        print(f"{bundle.parent.name}/{bundle.name}: {budget} bytes", file=sys.stderr)
        points.append(measured(lab, bundle, budget, count))
        if len(points) > 2 and points[-1].bytes < points[-2].bytes + 0.5:
            return points[:-1]
    return points


def rows(path: Path) -> list[dict[str, str]]:
    """Of a CSV file, behind comments; none where there is no file."""
    if not path.is_file():
        return []
    with open(path, newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def codecs(dataset: str) -> dict[str, list[tuple[float, float]]]:
    """By codec (bytes, percent right), in the order of the bytes; of the network as it is and the one that
    was tuned to the codec, the better at each quality, in the codec's favour."""
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows(RESULTS / f"codecs-{dataset}.csv"):
        found.setdefault(row["codec"], []).append(
            (float(row["bytes"]), max(float(row["accuracy"]), float(row["tuned"] or 0))))
    return {codec: sorted(points) for codec, points in found.items()}


def is_tuned(dataset: str) -> bool:
    return any(row["tuned"] for row in rows(RESULTS / f"codecs-{dataset}.csv"))


def bytes_for(accuracy: float, points: list[tuple[float, float]]) -> float | None:
    """What a codec needs for the accuracy, between its measured points; None where it has not got
    it, or where even its smallest file has more."""
    # What has more bytes for less is no use.
    best = [(size, right) for place, (size, right) in enumerate(points)
            if all(right > other for _, other in points[:place])]
    if not best or accuracy < best[0][1]:
        return None
    for (size, right), (next_size, next_right) in zip(best, best[1:]):
        if right <= accuracy <= next_right and next_right > right:
            return size + (next_size - size) * (accuracy - right) / (next_right - right)
    return None


def needed(accuracy: float, points: list[tuple[float, float]]) -> str:
    if not points:
        return "-"
    size = bytes_for(accuracy, points)
    if size is not None:
        return f"{size:.0f}"
    return f"below {points[0][0]:.0f}" if accuracy < points[0][1] else "not reached"


def table(dataset: str, points: list[Point]) -> str:
    rivals = codecs(dataset)
    names = [name for name in ("WEBP", "JPEG", "PNG") if name in rivals]
    heads = ["at most", "mean", "answered", "local", "remote", "core until sent",
             *(f"{name} for as much" for name in names)]
    lines = ["| " + " | ".join(heads) + " |", "| " + " | ".join(["---"] * len(heads)) + " |"]
    shown = lambda value, unit: "-" if value is None else f"{value:.2f} {unit}"
    for point in points:
        cells = [f"{point.budget} bytes", f"{point.bytes:.0f}", shown(point.answered, "%"),
                 shown(point.local, "%"), shown(point.remote, "%"), shown(point.coded, "ms"),
                 *(needed(point.answered, rivals[name]) for name in names)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw(dataset: str, curves: dict[str, list[Point]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 5.4))
    for (name, points), style in zip(curves.items(), ("-", "--", ":", "-.")):
        sizes = [point.bytes for point in points]
        axes.plot(sizes, [point.answered for point in points], style, marker="o", color="#0072b2",
                  linewidth=2, label=f"{name}, as answered")
        axes.plot(sizes, [point.remote for point in points], style, marker=".", color="#56b4e9",
                  label=f"{name}, remote answer alone")
        if points[0].local is not None:
            axes.axhline(points[0].local, linestyle=style, color="#999999", linewidth=1,
                         label=f"{name}, local answer alone")
    marks = {"WEBP": ("s", "#d55e00"), "JPEG": ("^", "#e69f00"), "PNG": ("D", "#000000")}
    for name, points in codecs(dataset).items():
        mark, colour = marks[name]
        network = "the better of two networks" if is_tuned(dataset) else "the network untuned"
        axes.plot(*zip(*points), marker=mark, color=colour, linewidth=1, label=f"{name}, {network}")
    for row in rows(RESULTS / "published.csv"):
        if row["dataset"] == dataset:
            axes.plot(float(row["bytes"]), float(row["accuracy"]), marker="*", markersize=11,
                      linestyle="", color="#cc79a7")
            axes.annotate(row["system"], (float(row["bytes"]), float(row["accuracy"])), xytext=(6, 4),
                          textcoords="offset points", fontsize=8)
    axes.set_xscale("symlog", linthresh=50)
    ticks = [0, 25, 50, 100, 200, 400, 800, 1600, 3200]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set_xlim(-3, 8000)
    axes.set(xlabel="mean bytes an image", ylabel="test images right, %",
             title=f"{TITLES.get(dataset, dataset)}: accuracy over bytes")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="lower right")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def save(points: list[Point], path: Path) -> None:
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Point)])
        writer.writeheader()
        writer.writerows(asdict(point) for point in points)


def saved(path: Path) -> list[Point]:
    if not path.is_file():
        raise Failure(f"no measurements {path.name}: run this without --saved first")
    number = lambda text: float(text) if text else None
    return [Point(int(row["budget"]), *(number(row[field.name]) for field in fields(Point)[1:]))
            for row in rows(path)]


def has_images(dataset: str) -> bool:
    """Whether agilenn-lab finds them; it draws Digits itself."""
    if dataset == "digits":
        return True
    sys.path.insert(0, str(ROOT / "scripts/train"))
    from trainkit import data
    from trainkit.commandline import CACHE
    from trainkit.errors import MissingInput

    try:
        data.check_present(dataset, Path(os.environ.get("AGILENN_DATA") or CACHE / "datasets"))
    except MissingInput:
        return False
    return True


def chosen(names: list[str], measurements: Path | None) -> list[Path]:
    """The bundles with these names; without any, those that have `measurements`, or whose images are
    there."""
    if not names:
        # The paper's form sends everything or nothing.
        found = [folder for folder in sorted(MODELS.glob("*/agilenn*"))
                 if folder.name != "agilenn-paper"]
        if measurements:
            return [folder for folder in found
                    if (measurements / f"{folder.parent.name}-{folder.name}.csv").is_file()]
        return [folder for folder in found if has_images(folder.parent.name)]
    for name in names:
        if not (MODELS / name / "bundle.json").is_file():
            raise Failure(f"no bundle Config/models/{name}")
    return [MODELS / name for name in names]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bytes", description=__doc__)
    parser.add_argument("bundle", nargs="*")
    parser.add_argument("--lab", type=Path, required=True, help="the built agilenn-lab")
    parser.add_argument("--quick", action="store_true", help="the first 1,000 test images")
    parser.add_argument("--saved", action="store_true", help="take the measurements of the last run")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.quick and not options.out:
        raise Failure("--quick needs --out: docs/bytes holds whole test sets")
    folders = [options.out or RESULTS, options.out or PICTURES]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, list[Point]]] = {}
    for bundle in chosen(options.bundle, folders[0] if options.saved else None):
        dataset = bundle.parent.name
        file = folders[0] / f"{dataset}-{bundle.name}.csv"
        if options.saved:
            points = saved(file)
        else:
            points = curve(options.lab, bundle, 1000 if options.quick else None)
            save(points, file)
        found.setdefault(dataset, {})[bundle.name] = points
        print(f"\n{TITLES.get(dataset, dataset)}, `{bundle.name}`"
              + (", the first 1,000 test images" if options.quick else "")
              + f":\n\n{table(dataset, points)}", flush=True)
    for dataset, curves in found.items():
        draw(dataset, curves, folders[1] / f"bytes-{dataset}.png")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"bytes: {failure}")
