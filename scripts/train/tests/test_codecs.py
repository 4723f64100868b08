"""The codecs as a rival: bytes, and what a network makes of what is left."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from trainkit import backbone, codec_tuning, codecs
from trainkit import config as configuration
from trainkit import data, evaluate
from trainkit.body import plain
from trainkit.codecs import Setting

BACKBONE = """
name: small
seed: 1
dataset: {name: digits, augment: crop, pad: 2}
widths: [8, 12]
training: {epochs: 1, batch: 10, peakRate: 0.01, muonRate: 0}
"""
ENTRY = Path(__file__).resolve().parents[1] / "codec_curve.py"


def picture() -> np.ndarray:
    rows, columns = np.mgrid[:32, :32]
    planes = [128 + 90 * np.sin(rows / 3), 128 + 90 * np.cos(columns / 4), (rows + columns) * 4]
    return np.stack(planes, 2).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("codec", ["JPEG", "WEBP"])
def test_a_lower_quality_is_smaller_and_further_from_the_picture(codec):
    found = [codecs.coded(picture(), Setting(codec, quality)) for quality in (90, 50, 5)]
    errors = [float(np.abs(image.astype(float) - picture()).mean()) for image, _ in found]
    sizes = [codecs.payload(file, codec) for _, file in found]
    assert all(size < len(file) for size, (_, file) in zip(sizes, found))
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 3
    assert errors == sorted(errors) and 0 < errors[0] < 6


def test_png_loses_nothing():
    image, file = codecs.coded(picture(), Setting("PNG", ""))
    assert np.array_equal(image, picture()) and 100 < len(file) < picture().size
    assert codecs.payload(file, "PNG") == len(file)


def test_a_scan_has_no_header():
    flat = np.full((32, 32, 3), 90, np.uint8)
    file = codecs.coded(flat, Setting("JPEG", 50))[1]
    # Four units of six blocks: a mean and an end each, half a byte.
    assert len(file) > 600 and 10 <= codecs.payload(file, "JPEG") <= 20


def test_the_accuracy_is_the_networks_on_what_is_left(root):
    dataset = data.load("digits", root / "data")
    torch.manual_seed(1)
    body = plain(3, 32, [8, 12], 10).eval()
    cost = codecs.measure(body, dataset.test, Setting("PNG", ""), 10)
    assert cost.accuracy == evaluate.accuracy(body, dataset, count=10)
    files = [codecs.coded(image, Setting("PNG", ""))[1] for image in dataset.test.images[:10].numpy()]
    assert cost.file == cost.payload == pytest.approx(sum(map(len, files)) / 10)


def test_tuning_sees_every_quality_and_goes_on_where_it_stopped(root, tmp_path, monkeypatch):
    dataset = data.hold_out(data.load("digits", root / "data"), 20)
    planned = configuration.parse_backbone(BACKBONE)
    monkeypatch.setattr(backbone, "FOLDER", tmp_path)
    torch.manual_seed(1)
    backbone.save(plain(3, 32, [8, 12], 10), backbone.path_of("small"))
    seen = []
    monkeypatch.setattr(codecs, "coded", lambda image, setting: (seen.append(setting), (image, b""))[1])
    monkeypatch.setattr(codecs, "payload", lambda file, codec: 1)
    settings = [setting for setting in codecs.SETTINGS if setting.codec == "JPEG"]
    stage = codec_tuning.stage_of(planned, 1)
    first = codec_tuning.tuned(planned, dataset, settings, stage, tmp_path / "out")
    assert set(seen) == set(settings)
    assert not first.training
    before = backbone.load("small")
    assert any(not torch.equal(tensor, before[key]) for key, tensor in first.state_dict().items())
    again = codec_tuning.tuned(planned, dataset, settings, stage, tmp_path / "out")
    assert all(torch.equal(one, other) for one, other in
               zip(first.state_dict().values(), again.state_dict().values()))


@pytest.mark.parametrize("arguments, status, words", [
    (["absent"], 66, "codec_curve.py: no configuration"),
    (["cifar10", "--count", "0"], 64, "is no number from 1 to 1000000"),
])
def test_one_line_for_what_cannot_be(root, arguments, status, words):
    result = subprocess.run([sys.executable, ENTRY, *arguments, "--data", root / "data"],
                            capture_output=True, text=True)
    assert result.returncode == status and words in result.stderr
