"""Stages, checkpoints, resume, the command line: on a tiny data set in CIFAR's layout."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tiny import TEXT
from trainkit import backbone, checkpoint, config, data, files, loop, pretraining, stages
from trainkit.body import plain
from trainkit.errors import MissingInput, UserError

pytestmark = pytest.mark.usefixtures("tiny_backbone")
ENTRY = Path(__file__).resolve().parents[1] / "train.py"


def final(root, name):
    return checkpoint.read(root / name)["module"]


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


@pytest.mark.parametrize("quantiser", ["centres", "rounding"])
def test_a_stopped_run_resumes_to_the_very_same_weights(root, monkeypatch, quantiser):
    parsed = config.parse(TEXT.replace("joint: {", f"joint: {{distil: 0.5, quantiser: {quantiser}, "))
    dataset = data.load("digits", root / "data")
    whole, broken = root / "whole", root / "broken" / "out"
    model = stages.train_reference(parsed, dataset, whole)
    stages.train_jointly(parsed, dataset, model, whole)

    run, kills = loop.run, {"reference": [3, 4], "align": [2], "joint": [2, 1],
                       "settle": [3], "local": [1, 3]}

    def killed(stage, out):
        waiting = kills[stage.name]
        run(stage, out, stop_after=waiting.pop(0) if waiting else None)

    monkeypatch.setattr(loop, "run", killed)
    starts = 0
    while True:
        starts += 1
        try:
            model = stages.train_reference(parsed, dataset, broken)
            stages.train_jointly(parsed, dataset, model, broken)
            break
        except loop.Stopped:
            pass
    assert starts == 9 and not any(kills.values())
    for name in ("reference", "align", "joint", "settle", "local"):
        assert same(final(whole, f"{name}.pt"), final(broken, f"{name}.pt")), name
        lines = (broken / f"{name}.csv").read_text().splitlines()
        assert len(lines) == 1 + getattr(parsed, name).epochs


def test_the_local_network_alone_moves_last(root):
    parsed = config.parse(TEXT)
    dataset = data.load("digits", root / "data")
    stage1 = stages.train_reference(parsed, dataset, root / "out")
    model = stages.train_jointly(parsed, dataset, stage1, root / "out")
    before, after = final(root / "out", "settle.pt"), model.state_dict()
    moved = {name for name in after if not torch.equal(before[name], after[name])}
    assert "mixing" in moved and all(name.startswith("local.") for name in moved - {"mixing"})
    assert any(name.endswith("weight") for name in moved)


def test_a_log_drops_what_no_checkpoint_holds(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("epoch,step,loss\n1,5,0.5\n2,10,0.4\ntorn")
    loop.Log(path, 5).write({"epoch": 2, "step": 10, "loss": 0.25})
    assert path.read_text().split() == ["epoch,step,loss", "1,5,0.5", "2,10,0.25"]
    loop.Log(path, 0).write({"epoch": 1, "step": 5, "other": 0.25})
    assert path.read_text().split() == ["epoch,step,other", "1,5,0.25"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"epoch,step\n" + b"9" * 200_000])
def test_a_log_that_is_none(tmp_path, content):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(UserError, match="x.csv: not a log of this program"):
        loop.Log(path, 5)


def test_a_weight_that_is_no_number_is_not_kept(root):
    parsed = config.parse(TEXT)
    dataset = data.load("digits", root / "data")
    model = torch.nn.Linear(1, 1)

    def loss(batch):
        return model.weight.sum() * 0 + model.bias.sum() * 3e38, {}

    rates = loop.Rates(peak=10.0, muon=0.0, warmup=0.0, decay=0.0)
    stage = loop.Stage("reference", model, data.Batches(dataset, 8, parsed.dataset, 1), loss, dict,
                       1, rates, "mark")
    with pytest.raises(UserError, match="a weight is no number|the loss is no number"):
        loop.run(stage, root / "out")
    assert not (root / "out" / "reference.pt").exists()


def test_two_runs_do_not_share_a_folder(tmp_path):
    with files.held(tmp_path):
        with pytest.raises(UserError, match="another run works in there"):
            with files.held(tmp_path):
                pass
    with files.held(tmp_path):
        pass


def test_a_loss_that_is_no_number_ends_the_run(root):
    parsed = config.parse(TEXT.replace("reference: {", "reference: {peakRate: 10.0, "))
    dataset = data.load("digits", root / "data")
    torch.manual_seed(0)
    model = stages.ReferenceModel(parsed.network, 32, 10)
    stage = loop.Stage("reference", model, data.Batches(dataset, 8, parsed.dataset, 1),
                       lambda batch: (model(batch.images).sum() * torch.inf, {}), dict, 1,
                       loop.Rates.of(parsed.reference), "mark")
    with pytest.raises(UserError, match="no number any more at step 1"):
        loop.run(stage, root / "out")
    assert not (root / "out" / "reference.pt").exists()


@pytest.mark.parametrize("network", [
    {"extractor": "separable"}, {"extractor": "block"},
    {"extractor": "published", "extractorHidden": 4, "extractorStrides": [2, 1]}])
def test_reordering_leaves_the_logits_alone(network):
    from trainkit.ranking import count_top, reorder

    torch.manual_seed(0)
    settings = config.NetworkConfig(widths=[8, 12], **network)
    model = stages.ReferenceModel(settings, 32, 10)
    for module in model.extractor.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.weight)
            torch.nn.init.normal_(module.bias)
    for _ in range(3):
        model(torch.rand(4, 3, 32, 32))
    model.eval()
    images = torch.rand(4, 3, 32, 32)
    before, features = model(images), model.extractor(images)
    order = torch.randperm(24)
    reorder(model, order)
    torch.testing.assert_close(model(images), before, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(model.extractor(images), features[:, order])
    counts = count_top(torch.tensor([[0.5, 0.2, 0.3], [0.1, 0.6, 0.3]]), 2)
    assert counts.tolist() == [1, 1, 2]


def test_another_configurations_checkpoint_is_refused(tmp_path):
    path = tmp_path / "reference.pt"
    checkpoint.save(path, {"fingerprint": "a"})
    assert checkpoint.load(path, "a")["fingerprint"] == "a"
    with pytest.raises(UserError, match="another configuration"):
        checkpoint.load(path, "b")
    for bit in (0, 7, 300, 8 * path.stat().st_size - 1):
        whole = path.read_bytes()
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        with pytest.raises(UserError, match="damaged|not a checkpoint"):
            checkpoint.load(path, "a")
        path.write_bytes(whole)
    path.write_bytes(b"torn")
    with pytest.raises(UserError, match="not a checkpoint of this program"):
        checkpoint.load(path, "a")
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["reference.pt"]


def test_missing_data_and_torn_data(root):
    with pytest.raises(MissingInput, match="digits-train.bin"):
        data.load("digits", root)
    file = root / "data" / "digits" / "digits-test.bin"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(UserError, match="no whole number"):
        data.load("digits", root / "data")


@pytest.mark.parametrize("change", [
    {},
    {"align: {epochs: 1": "align: {epochs: 0",
     "dataset: {": "dataset: {side: 96, ",
     "extractorHidden: 8, localWidths: [4, 8]": "extractor: published, extractorHidden: 4, "
        "extractorStrides: [3, 1], localWidths: [], localStrides: [], remote: mobilenetv2, "
        "remotePrecision: int8"},
    {"extractorHidden: 8, localWidths: [4, 8]": "extractor: block, localWidths: [4], localStrides: [2]",
     "joint: {": "joint: {quantiser: rounding, attribution: saliency, "},
], ids=["plain", "published", "block"])
def test_a_whole_run_from_the_command_line(root, monkeypatch, change):
    """All stages, the bundle, and the pictures: the documented command on a tiny data set."""
    import train

    text = TEXT
    for old, new in change.items():
        assert old in text
        text = text.replace(old, new)
    file = root / "tiny.yaml"
    file.write_text(text)
    monkeypatch.setattr(sys, "argv", ["train.py", str(file), "--data", str(root / "data"),
                                      "--out", str(root / "out"), "--models", str(root / "models")])
    train.train(train.arguments())
    assert {p.name for p in (root / "models" / "digits" / "agilenn").iterdir()} == {
        "bundle.json", "device.tflite", "importance.npz", "remote.onnx"}
    for name in ("curves", "importance", "skewness", "mixing"):
        content = (root / "out" / f"{name}.png").read_bytes()
        assert content.startswith(b"\x89PNG") and len(content) > 5000


def test_the_program_fails_with_one_line_and_a_status(root):
    file = root / "bad.yaml"
    file.write_text(TEXT.replace("batch: 8}", "bacth: 8}", 1))
    good = root / "good.yaml"
    good.write_text(TEXT)
    other = root / "other.yaml"
    other.write_text(TEXT.replace("scheme: agilenn", "scheme: agile"))
    for arguments, status, words in (
        ([file], 65, "unknown key reference.bacth"),
        ([root / "absent.yaml"], 66, "no configuration"),
        ([other], 65, "other.yaml: scheme: 'agile' is not one of agilenn"),
        ([good, "--until", "jiont"], 64, "--until 'jiont': not one of reference, joint"),
        ([good, "--data", root / "data", "--out", good], 73, "cannot write into"),
        ([good, "--data", root / "data", "--out", root / "busy"], 73, "another run works in there"),
        ([good, "--data", root / "data", "--out", root / "out", "--models", good], 73,
         "cannot write into"),
    ):
        with files.held(root / "busy"):
            result = subprocess.run([sys.executable, ENTRY, *map(str, arguments)],
                                    capture_output=True, text=True)
        assert result.returncode == status
        assert result.stderr.count("\n") == 1 and words in result.stderr


@pytest.mark.parametrize("arguments", [[], ["x.yaml", "--threads", "0"], ["x.yaml", "--thraeds", "1"]])
def test_a_wrong_command_line_has_a_status_of_its_own(arguments):
    result = subprocess.run([sys.executable, ENTRY, *arguments], capture_output=True, text=True)
    assert result.returncode == 64 and result.stderr.startswith("usage: train.py")


def test_a_missing_package_is_told_before_training(root):
    file = root / "tiny.yaml"
    file.write_text(TEXT)
    hidden = root / "hidden"
    hidden.mkdir()
    (hidden / "tflite.py").write_text("raise ImportError('no library tflite')")
    result = subprocess.run(
        [sys.executable, ENTRY, file, "--data", root / "data", "--out", root / "out",
         "--models", root / "models"],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(hidden)})
    assert result.returncode == 69 and result.stderr == (
        "train.py: a Python package is missing or broken: no library tflite "
        "(scripts/setup train installs all)\n")
    assert not (root / "out").exists()


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
    arrays = dict(np.load(backbone.path_of("tiny")))
    for key, value, words in (
            ("dense.bias", np.float32(0), "not a backbone of this program's form"),
            ("dense.weight", arrays["dense.weight"] * 1j, "a complex weight"),
            ("adapter.0.norm.running_var", -arrays["adapter.0.norm.running_var"], "below zero")):
        assert key in arrays
        np.savez(backbone.path_of("odd"), **{**arrays, key: value})
        with pytest.raises(UserError, match=words):
            backbone.rebuild("odd")
    with pytest.raises(UserError, match="does not fit the network"):
        backbone.start(plain(24, 16, [8, 16], 10), "tiny")


def test_the_reference_networks_trunk_is_the_backbones(root):
    parsed = config.parse(TEXT)
    dataset = data.load("digits", root / "data")
    model = stages.train_reference(parsed, dataset, root / "out")
    for name, weight in backbone.load("tiny").items():
        if not name.startswith("adapter."):
            torch.testing.assert_close(model.reference.state_dict()[name], weight)


def test_a_backbone_of_other_images_is_refused(root, monkeypatch):
    parsed = config.parse(TEXT)
    dataset = data.load("digits", root / "data")
    backbone.save(plain(3, 64, [8, 12], 10).eval(), backbone.path_of("tiny"))
    with pytest.raises(UserError, match="backbone tiny: it is for other images than those of 32x32"):
        stages.check(parsed, dataset, root / "out")


def test_batches_are_looked_at_before_a_backbone_is_made(root):
    parsed = config.parse(TEXT.replace("align: {epochs: 1, batch: 8", "align: {epochs: 1, batch: 80"))
    dataset = data.load("digits", root / "data")
    with pytest.raises(UserError, match="align.batch: there are 40 training images only"):
        stages.check_batches(parsed, dataset)


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


def test_aligning_moves_all_but_the_trunk(root, aligned):
    parsed = config.parse(TEXT)
    dataset = data.load("digits", root / "data")
    stage1, weights = aligned(parsed, dataset)
    start = stage1.state_dict()
    for name, weight in stage1.reference.state_dict().items():
        if name.startswith(("trunk.", "dense.")):
            assert torch.equal(weights[f"remote.{name}"], weight), name
    assert not torch.equal(weights["remote.adapter.1.conv.weight"],
                           start["reference.adapter.1.conv.weight"])
    assert not torch.equal(weights["extractor.0.conv.weight"], start["extractor.0.conv.weight"])


def test_an_ablation_varies_one_setting_at_a_time(root, monkeypatch, capsys):
    import ablate
    from trainkit import ablation

    (root / "tiny.yaml").write_text(TEXT)
    file = root / "ablation.yaml"
    file.write_text("base: tiny.yaml\nvary:\n  joint.rho: [0.5]\n  network.localChannels: [3, 8]\n"
                    "  joint.attribution: [saliency]\n  network.localWidths: [[8, 8]]\n")
    monkeypatch.setattr(sys, "argv", ["ablate.py", str(file), "--data", str(root / "data"),
                                      "--out", str(root / "out")])
    ablate.train(ablate.arguments())
    lines = capsys.readouterr().out.splitlines()
    assert lines == (root / "out" / "ablation.csv").read_text().splitlines()
    assert [line[:2] for line in csv.reader(lines[1:])] == [
        ["base", ""], ["joint.rho", "0.5"], ["network.localChannels", "3"],
        ["network.localChannels", "8"], ["joint.attribution", "saliency"],
        ["network.localWidths", "[8, 8]"]]
    # Base and another rho share stage 1; another network has its own.
    assert len(list((root / "out").glob("stage1-*"))) == 4
    assert (root / "out" / "ablation.png").read_bytes().startswith(b"\x89PNG")
    for text, words in (("base: tiny.yaml\n", "base and vary"),
                        ("base: tiny.yaml\nvary: {}\n", "a list of values is needed"),
                        ("base: tiny.yaml\nvary: {joint.roh: [1]}\n", "no setting joint.roh"),
                        ("base: tiny.yaml\nvary: {joint.rho: [2.0]}\n", "joint.rho: from 0.001 to 0.999"),
                        ("base: tiny.yaml\nvary: {dataset.pad: [1]}\n", "share the base's data set"),
                        ("base: tiny.yaml\nvary: {1: [1]}\n", "a list of values is needed")):
        file.write_text(text)
        with pytest.raises(UserError, match=words):
            ablation.parse(file)


def test_a_missing_backbone_is_trained_first(root, monkeypatch):
    monkeypatch.setattr(pretraining, "CONFIGURATIONS", root)
    (root / "other.yaml").write_text(
        "name: other\nseed: 1\ndataset: {name: digits, augment: crop}\nwidths: [8, 12, 12]\n"
        "training: {epochs: 1, batch: 8}\n")
    pretraining.make_if_absent("other", root / "data", root / "cache")
    assert backbone.widths("other") == [8, 12, 12] and backbone.classes("other") == 10
    before = backbone.digest("other")
    pretraining.make_if_absent("other", root / "nowhere", root / "cache")
    assert backbone.digest("other") == before
    with pytest.raises(MissingInput, match="no configuration .*absent.yaml"):
        pretraining.make_if_absent("absent", root / "data", root / "cache")


def test_backbones_to_be_made_are_looked_at_first(root, monkeypatch):
    monkeypatch.setattr(pretraining, "CONFIGURATIONS", root)
    (root / "planned.yaml").write_text(
        "name: planned\nseed: 1\ndataset: {name: digits, augment: crop}\nwidths: [8, 12]\n"
        "training: {epochs: 1, batch: 41}\n")
    parsed = config.parse(TEXT.replace("backbone: tiny", "backbone: planned"))
    pretraining.check_planned(parsed, root / "data")
    with pytest.raises(UserError, match="training.batch: there are 40 training images only"):
        pretraining.make_if_absent("planned", root / "data", root / "cache")
    with pytest.raises(MissingInput, match="data set digits: no file"):
        pretraining.check_planned(parsed, root / "nowhere")
    text = TEXT.replace("backbone: tiny", "backbone: planned")
    for old, new, words in (("backbone: planned", "backbone: absent", "no configuration"),
                            (" widths: [8, 12]", " widths: [8, 16]", "planned has ")):
        with pytest.raises(UserError, match=words):
            pretraining.check_planned(config.parse(text.replace(old, new)), root / "data")


def test_a_stage_without_epochs_needs_no_batch(root):
    dataset = data.load("digits", root / "data")
    parsed = config.parse(TEXT.replace("settle: {epochs: 1, batch: 8}\n", ""))
    assert parsed.settle.batch > len(dataset.train)
    stages.check_batches(parsed, dataset)
