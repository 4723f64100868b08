"""Configurations: the committed ones, and those that cannot be."""

from pathlib import Path

import pytest

from tiny import TEXT
from trainkit import ablation, config, schemes
from trainkit.errors import UserError

COMMITTED = Path(__file__).resolve().parents[3] / "Config" / "training"


@pytest.mark.parametrize("old, new, message", [
    ("epochs: 2", "epoch: 2", "unknown key reference.epoch; did you mean epochs?"),
    ("seed: 5", "seed: five", "seed: int is needed, not 'five'"),
    ("name: digits", "name: mnist", "dataset.name: 'mnist' is not one of"),
    ("scheme: agilenn", "scheme: agile", "scheme: 'agile' is not one of"),
    ("seed: 5\n", "", "missing key seed"),
    ("augment: crop,", "augment: crop;", None),
    ("joint: {", "joint: {lambda: 1.5, ", "joint.lambda: from 0.001 to 0.999"),
    ("name: tiny", "name: ../esc", "name: '../esc' is not a word"),
    ("seed: 5", "seed: 18446744073709551615", "seed: from 0 to 2^62 - 1"),
    ("seed: 5", "seed: 5\nseed: 6", "the key seed is there twice"),
    ("seed: 5", "seed: !!int abc", "not YAML"),
    ("reference: {", "reference: {peakRate: .nan, ", "peakRate: nan is no finite number"),
    ("reference: {", "reference: {peakRate: -1, ", "reference.peakRate: from 0 to 10"),
    ("reference: {", "reference: {peakRate: 1" + "0" * 400 + ", ", "is no finite number"),
    ("reference: {", "reference: {warmup: 2, ", "reference.warmup: from 0 to 1"),
    ("joint: {", "joint: {alphaTemperature: 0, ", "joint.alphaTemperature: from 0.001 to 1000"),
    ("joint: {", "joint: {attributionSteps: 1, ", "a trapezoid needs 2"),
    ("joint: {epochs: 1", "joint: {epochs: 0", "joint.epochs: from 1 to 10000"),
    ("network: {", "network: {extractorStrides: [0, 1], ", "extractorStrides: each from 1 to 4"),
    ("network: {", "network: {localStrides: [2], ", "one for each of network.localWidths"),
    ("localWidths: [4, 8]", "localWidths: [0, 8]", "network.localWidths: 0 to 8 of them"),
    ("augment: crop,", "augment: crop-flip,", "digits have no mirror image"),
    ("augment: crop,", "side: 64,", "dataset.side: 64 is not one of 0, 96"),
    ("seed: 5", "? [[[\n", "not YAML"),
    ("seed: 5", "seed: !!map [a, b]", "not YAML"),
    ("seed: 5", "seed: !!set [a]", "not YAML"),
    ('seed: 5', 'seed: !!int ""', "not YAML"),
    ("seed: 5", "seed: !!timestamp foo", "not YAML"),
    ("name: tiny", "name: 0x" + "f" * 5000, "name: str is needed, not a number of thousands of digits"),
    ("seed: 5", "seed: &a [1]\nvariant: *a", "no aliases here"),
    ("widths: [8, 12]", "widths: [8, 8, 8, 8, 8, 8]", "network.widths: 2 to 5 of them"),
    ("seed: 5", "seed: 5\nremoteBackbone: other", "a plain remote network starts from the reference"),
    ("network: {", "network: {remote: mobilenetv2, ", "align.epochs: 0 where the remote network"),
    ("seed: 5", "seed: 5\nremoteBackbone: ../x", "remoteBackbone: '../x' is not a word"),
])
def test_configuration_errors(old, new, message):
    with pytest.raises(UserError) as caught:
        config.parse(TEXT.replace(old, new), "x.yaml")
    assert "\n" not in str(caught.value)
    assert message is None or message in str(caught.value)


@pytest.mark.parametrize("text, words", [
    ("widths: [8]", "widths: 2 to 5 of them"),
    ("widths: [8, 8, 8, 8, 8, 8]", "widths: 2 to 5 of them"),
    ("dataset: {name: digits, augment: crop, side: 96}", "at their own size"),
    ("training: {epochs: 1, labelSmoothing: 2.0}", "training.labelSmoothing"),
    ("training: {epochs: 1, distil: 0.5}", "training.distil: above 0 with a teacher, and only then"),
    ("teacher: other", "training.distil: above 0 with a teacher, and only then"),
    ("teacher: b", "a backbone is not its own"),
    ("body: resnet", "body: 'resnet' is not one of plain, mobilenetv2"),
    ("body: mobilenetv2", "widths: a mobilenetv2 has its own"),
])
def test_backbone_configuration_errors(text, words):
    good = {"name": "b", "seed": "1", "dataset": "{name: digits, augment: crop}",
            "widths": "[8, 12]", "training": "{epochs: 1, batch: 8}"}
    key, _, value = text.partition(": ")
    good[key] = value
    with pytest.raises(UserError, match=words):
        config.parse_backbone("".join(f"{k}: {v}\n" for k, v in good.items()), "b.yaml")


def test_a_configuration_that_is_no_text(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="not a text file in UTF-8"):
        config.text_of(path)


@pytest.mark.parametrize("path", sorted(COMMITTED.glob("**/*.yaml")), ids=lambda path: path.stem)
def test_committed_configurations_are_good(path):
    kinds = {"backbones": lambda: config.parse_backbone(path.read_text()),
             "ablations": lambda: ablation.parse(path)}
    bundle = lambda: schemes.of(path.read_text(), "").parse(path.read_text())
    kinds.get(path.parent.name, bundle)()
