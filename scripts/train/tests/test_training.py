"""Checkpoints, resume, configuration errors: on a tiny data set in CIFAR's layout."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from trainkit import backbone, checkpoint, config, data, loop, stages
from trainkit.body import plain
from trainkit.errors import MissingInput, UserError

pytestmark = pytest.mark.usefixtures("tiny_backbone")
ENTRY = Path(__file__).resolve().parents[1] / "agilenn.py"
TEXT = """
name: tiny
scheme: agilenn
seed: 5
backbone: tiny
dataset: {name: digits, augment: crop, pad: 2}
network: {extractorHidden: 8, localWidths: [4, 8], widths: [8, 12]}
reference: {epochs: 2, batch: 8}
align: {epochs: 1, batch: 8}
joint: {epochs: 1, batch: 8, rankingImages: 16}
"""


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "data" / "digits"
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    for name, count in (("digits-train.bin", 40), ("digits-test.bin", 16)):
        records = random.integers(0, 256, (count, 3073), dtype=np.uint8)
        records[:, 0] = np.arange(count) % 10
        records.tofile(folder / name)
    return tmp_path


def final(root, name):
    return torch.load(root / name, weights_only=True)["module"]


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def test_a_stopped_run_resumes_to_the_very_same_weights(root, monkeypatch):
    parsed = config.parse(TEXT)
    dataset = data.load("digits", root / "data")
    whole, broken = root / "whole", root / "broken"
    model = stages.train_reference(parsed, dataset, whole)
    stages.train_jointly(parsed, dataset, model, whole)

    run, kills = loop.run, iter([3, 4, None, 2, None, 2])
    # Killed twice in stage 1, twice in stage 2; each time begun again.
    monkeypatch.setattr(loop, "run", lambda s, o: run(s, o, stop_after=next(kills, None)))
    starts = 0
    while True:
        starts += 1
        try:
            model = stages.train_reference(parsed, dataset, broken)
            stages.train_jointly(parsed, dataset, model, broken)
            break
        except loop.Stopped:
            pass
    assert starts > 3
    assert same(final(whole, "reference.pt"), final(broken, "reference.pt"))
    assert same(final(whole, "joint.pt"), final(broken, "joint.pt"))


def test_reordering_leaves_the_logits_alone(root):
    from trainkit.ranking import count_top, reorder

    torch.manual_seed(0)
    model = stages.ReferenceModel(config.parse(TEXT).network, 32, 10).eval()
    images = torch.rand(4, 3, 32, 32)
    before, features = model(images), model.extractor(images)
    order = torch.randperm(24)
    reorder(model, order)
    torch.testing.assert_close(model(images), before, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(model.extractor(images), features[:, order])
    counts = count_top(torch.tensor([[0.5, 0.2, 0.3], [0.1, 0.6, 0.3]]), 2)
    assert counts.tolist() == [1, 1, 2]


def test_batches_depend_on_their_address_alone(root):
    dataset = data.load("digits", root / "data")
    first = data.Batches(dataset, 8, config.DatasetConfig("digits", pad=4), 1)
    second = data.Batches(dataset, 8, config.DatasetConfig("digits", pad=4), 1)
    second(0, 0), second(3, 2)
    assert torch.equal(first(1, 2).images, second(1, 2).images)
    assert not torch.equal(first(1, 2).images, first(2, 2).images)


def test_another_configurations_checkpoint_is_refused(tmp_path):
    path = tmp_path / "reference.pt"
    checkpoint.save(path, {"fingerprint": "a"})
    assert checkpoint.load(path, "a")["fingerprint"] == "a"
    with pytest.raises(UserError, match="another configuration"):
        checkpoint.load(path, "b")
    path.write_bytes(b"torn")
    with pytest.raises(UserError, match="not a readable checkpoint"):
        checkpoint.load(path, "a")
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["reference.pt"]


@pytest.mark.parametrize("old, new, message", [
    ("epochs: 2", "epoch: 2", "unknown key reference.epoch; did you mean epochs?"),
    ("seed: 5", "seed: five", "seed: int is needed, not 'five'"),
    ("name: digits", "name: mnist", "dataset.name: 'mnist' is not one of"),
    ("scheme: agilenn", "scheme: agile", "scheme: 'agile' is not one of"),
    ("seed: 5\n", "", "missing key seed"),
    ("augment: crop,", "augment: crop;", None),
    ("joint: {", "joint: {lambda: 1.5, ", "joint.lambda: between 0 and 1"),
])
def test_configuration_errors(old, new, message):
    with pytest.raises(UserError) as caught:
        config.parse(TEXT.replace(old, new), "x.yaml")
    assert "\n" not in str(caught.value)
    assert message is None or message in str(caught.value)


def test_missing_data_and_torn_data(root):
    with pytest.raises(MissingInput, match="digits-train.bin"):
        data.load("digits", root)
    file = root / "data" / "digits" / "digits-test.bin"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(UserError, match="no whole number"):
        data.load("digits", root / "data")


def test_a_whole_run_from_the_command_line(root, monkeypatch):
    """All stages, the bundle, and the pictures: the documented command on a tiny data set."""
    import agilenn

    file = root / "tiny.yaml"
    file.write_text(TEXT)
    monkeypatch.setattr(sys, "argv", ["agilenn.py", str(file), "--data", str(root / "data"),
                                      "--out", str(root / "out"), "--models", str(root / "models")])
    agilenn.train(agilenn.arguments())
    assert {p.name for p in (root / "models" / "digits" / "agilenn").iterdir()} == {
        "bundle.json", "device.tflite", "importance.npz", "remote.onnx"}
    for name in ("curves", "importance", "skewness"):
        content = (root / "out" / f"{name}.png").read_bytes()
        assert content.startswith(b"\x89PNG") and len(content) > 5000


def test_the_program_fails_with_one_line_and_a_status(root):
    file = root / "bad.yaml"
    file.write_text(TEXT.replace("batch: 8}", "bacth: 8}", 1))
    for arguments, status, words in (
        ([file], 65, "unknown key reference.bacth"),
        ([root / "absent.yaml"], 66, "no configuration"),
    ):
        result = subprocess.run([sys.executable, ENTRY, *map(str, arguments)],
                                capture_output=True, text=True)
        assert result.returncode == status
        assert result.stderr.count("\n") == 1 and words in result.stderr


def test_a_backbone_keeps_its_answers_in_half_precision(tiny_backbone):
    images = torch.rand(4, 3, 32, 32)
    found = backbone.rebuild("tiny")
    torch.testing.assert_close(found(images), tiny_backbone(images), rtol=1e-2, atol=1e-2)
    assert found.adapter[0].conv.weight.dtype == torch.float32
    with pytest.raises(MissingInput, match="no backbone .*absent.npz"):
        backbone.load("absent")
    backbone.path_of("torn").write_bytes(b"torn")
    with pytest.raises(UserError, match="not a readable backbone"):
        backbone.load("torn")
    with pytest.raises(UserError, match="does not fit network.widths"):
        backbone.start(plain(24, 16, [8, 16], 10), "tiny")


def test_the_reference_networks_trunk_is_the_backbones(root):
    parsed = config.parse(TEXT)
    dataset = data.load("digits", root / "data")
    model = stages.train_reference(parsed, dataset, root / "out")
    for name, weight in backbone.load("tiny").items():
        if not name.startswith("adapter."):
            torch.testing.assert_close(model.reference.state_dict()[name], weight)


def test_matching_measures_the_error_as_a_share_of_the_variance(tiny_backbone):
    from trainkit.matching import Matching

    torch.manual_seed(1)
    images, matching = torch.rand(4, 3, 32, 32), Matching("tiny")
    wanted = matching.adapter(images).detach()
    torch.testing.assert_close(wanted, tiny_backbone.adapter(images), rtol=1e-2, atol=1e-2)
    assert float(matching.distance(wanted, images)) == 0.0
    mean = wanted.mean()
    expected = wanted.numel() / (wanted.numel() - 1)  # the variance is the unbiased one
    torch.testing.assert_close(float(matching.distance(mean.expand_as(wanted), images)) * expected,
                               1.0, rtol=1e-4, atol=0)


def test_aligning_moves_all_but_the_trunk(root, monkeypatch):
    parsed = config.parse(TEXT)
    dataset = data.load("digits", root / "data")
    stage1 = stages.train_reference(parsed, dataset, root / "out")
    run = loop.run

    def stop_at_joint(stage, out):
        if stage.name == "joint":
            raise loop.Stopped
        run(stage, out)

    monkeypatch.setattr(loop, "run", stop_at_joint)
    with pytest.raises(loop.Stopped):
        stages.train_jointly(parsed, dataset, stage1, root / "out")
    weights, start = final(root / "out", "align.pt"), stage1.state_dict()
    for name, weight in stage1.reference.state_dict().items():
        if name.startswith(("trunk.", "dense.")):
            assert torch.equal(weights[f"remote.{name}"], weight), name
    assert not torch.equal(weights["remote.adapter.1.conv.weight"],
                           start["reference.adapter.1.conv.weight"])
    assert not torch.equal(weights["extractor.0.conv.weight"], start["extractor.0.conv.weight"])


def test_targets_mix_smoothed_labels_and_the_teacher():
    from trainkit.targets import Targets

    teacher = torch.tensor([[0.2, 0.8], [0.5, 0.5]])
    batch = data.Batch(torch.zeros(1), torch.tensor([0]), torch.tensor([0]), 32)
    torch.testing.assert_close(Targets(2, 0.1)(batch), torch.tensor([[0.95, 0.05]]))
    torch.testing.assert_close(
        Targets(2, 0.1, teacher, 0.5)(batch), torch.tensor([[0.575, 0.425]]))


def test_muon_brings_singular_values_near_one():
    from trainkit.muon import orthogonalised

    torch.manual_seed(0)
    for shape in ((6, 40), (40, 6)):
        values = torch.linalg.svdvals(orthogonalised(torch.randn(shape), steps=5))
        assert float(values.min()) > 0.5 and float(values.max()) < 1.3


def test_an_ablation_varies_one_setting_at_a_time(root):
    from trainkit import ablation, pictures

    (root / "tiny.yaml").write_text(TEXT)
    file = root / "ablation.yaml"
    file.write_text("base: tiny.yaml\nvary:\n  joint.rho: [0.5]\n  network.localChannels: [3, 8]\n")
    dataset = data.load("digits", root / "data")
    table = ablation.run(ablation.parse(file), dataset, root / "out")
    lines = table.read_text().splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [
        ["base", ""], ["joint.rho", "0.5"], ["network.localChannels", "3"],
        ["network.localChannels", "8"]]
    # Base and another rho share stage 1; another k has its own.
    assert len(list((root / "out").glob("stage1-*"))) == 3
    pictures.ablation(table, root / "ablation.png", "tiny")
    assert (root / "ablation.png").read_bytes().startswith(b"\x89PNG")
    for text, words in (("base: tiny.yaml\n", "base and vary"),
                        ("base: tiny.yaml\nvary: {joint.roh: [1]}\n", "no setting joint.roh"),
                        ("base: tiny.yaml\nvary: {joint.rho: [2.0]}\n", "joint.rho: between 0 and 1")):
        file.write_text(text)
        with pytest.raises(UserError, match=words):
            ablation.parse(file)


def test_a_missing_backbone_is_trained_first(root, monkeypatch):
    monkeypatch.setattr(backbone, "CONFIGURATIONS", root)
    (root / "other.yaml").write_text(
        "name: other\nseed: 1\ndataset: {name: digits, augment: crop}\nwidths: [8, 12, 12]\n"
        "training: {epochs: 1, batch: 8}\n")
    backbone.make_if_absent("other", root / "data", root / "cache")
    assert backbone.widths("other") == [8, 12, 12] and backbone.classes("other") == 10
    before = backbone.digest("other")
    backbone.make_if_absent("other", root / "nowhere", root / "cache")
    assert backbone.digest("other") == before
    with pytest.raises(MissingInput, match="no configuration .*absent.yaml"):
        backbone.make_if_absent("absent", root / "data", root / "cache")


@pytest.mark.parametrize("path", sorted((ENTRY.parents[2] / "Config/training").glob("**/*.yaml")),
                         ids=lambda path: str(path.name))
def test_committed_configurations_are_good(path):
    from trainkit import ablation

    kinds = {"backbones": lambda: config.parse_backbone(path.read_text()),
             "ablations": lambda: ablation.parse(path)}
    kinds.get(path.parent.name, lambda: config.parse(path.read_text()))()
