"""One-at-a-time variations of a configuration: what each setting does to accuracy and skewness."""

import csv
import dataclasses
import io
from dataclasses import dataclass
from pathlib import Path

import yaml

from . import config as configuration
from . import evaluate, files, stages, strict
from .config import Config
from .data import Dataset
from .errors import UserError

COLUMNS = ("combined", "local", "remote", "alpha", "reference", "skewness", "violations", "payload")


@dataclass(frozen=True)
class Ablation:
    """`vary`: by the dotted name of a setting, the values that it is given in turn."""

    base: Config
    vary: dict[str, list]


def parse(path: Path) -> Ablation:
    source = str(path)
    try:
        content = strict.load(configuration.text_of(path))
    except UserError as error:
        raise UserError(f"{source}: {error}") from None
    if not isinstance(content, dict) or set(content) != {"base", "vary"}:
        raise UserError(f"{source}: the keys base and vary are needed, and no others")
    if not isinstance(content["base"], str):
        raise UserError(f"{source}: base: the name of a file is needed")
    base = path.parent / content["base"]
    vary = content["vary"]
    if not isinstance(vary, dict) or not vary or not all(
            isinstance(key, str) and isinstance(v, list) and v for key, v in vary.items()):
        raise UserError(f"{source}: vary: a list of values is needed for each setting")
    ablation = Ablation(configuration.parse(configuration.text_of(base), str(base)), vary)
    for setting, values in vary.items():
        for value in values:
            varied(ablation.base, setting, value, source)
    return ablation


def _content(base: Config) -> dict:
    """As the YAML has it."""
    content = dataclasses.asdict(base)
    content["joint"]["lambda"] = content["joint"].pop("lambda_")
    return content


def varied(base: Config, setting: str, value, source: str = "") -> Config:
    """`base` with one setting changed, checked as a whole configuration is."""
    content = _content(base)
    section, _, key = setting.partition(".")
    if not isinstance(content.get(section), dict) or key not in content[section]:
        raise UserError(f"{source}: vary: no setting {setting}")
    if section == "dataset":
        raise UserError(f"{source}: vary: {setting}: all variations share the base's data set")
    content[section][key] = value
    try:
        text = yaml.safe_dump(content)
    except yaml.YAMLError:
        raise UserError(f"{source}: vary: {setting}: a value that YAML cannot write") from None
    return configuration.parse(text, f"{source}: {setting} = {value}")


def variations(ablation: Ablation) -> list[tuple[str, object, Config]]:
    """Setting, value and configuration of each, the base first."""
    return [("base", "", ablation.base)] + [
        (setting, value, varied(ablation.base, setting, value))
        for setting, values in ablation.vary.items() for value in values]


def standing(ablation: Ablation) -> dict[str, object]:
    """What each setting that is varied is in the base."""
    content = _content(ablation.base)
    return {f"{section}.{key}": content[section][key]
            for section, key in (setting.split(".", 1) for setting in ablation.vary)}


def check(ablation: Ablation, dataset: Dataset) -> None:
    """Refuses what no variation could be trained with, before a backbone is made for them."""
    for _, _, config in variations(ablation):
        stages.check_geometry(config)
        stages.check_batches(config, dataset)


def run(ablation: Ablation, dataset: Dataset, out: Path) -> Path:
    """Trains each variation, the base among them; -> the table as CSV. Variations that leave
    stage 1 alone share it. What is there already is not trained again."""
    planned = variations(ablation)
    table = out / "ablation.csv"
    if table.is_dir():
        raise UserError(f"{table}: a folder, not a table", status=73)
    lines = []

    def folders(setting, value, config) -> tuple[Path, Path]:
        return (out / f"stage1-{config.fingerprint(*stages.REFERENCE)[:12]}",
                out / f"{setting}-{value}".strip("-"))

    for variation in planned:
        for folder in folders(*variation):
            stages.check(variation[-1], dataset, folder)
    for setting, value, config in planned:
        first, folder = folders(setting, value, config)
        stage1 = stages.train_reference(config, dataset, first)
        model = stages.train_jointly(config, dataset, stage1, folder)
        attributor = stages.frozen_attributor(config, stage1, dataset.side, len(dataset.labels))
        found = evaluate.agile(model, attributor, dataset, model.k, count=2000)
        lines.append([setting, value, *(f"{found[column]:.4g}" for column in COLUMNS)])
        text = io.StringIO()
        csv.writer(text).writerows([["setting", "value", *COLUMNS], *lines])
        files.write(table, text.getvalue().encode())
    return table
