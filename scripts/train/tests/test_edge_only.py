"""The `edge-only` scheme: what its configuration may say, and the bundle that comes of it."""

import json

import numpy as np
import onnxruntime
import pytest
import torch

from test_ordered import little  # noqa: F401
from trainkit import backbone, codecs, data, picture_network, pretraining
from trainkit import config as configuration
from trainkit.errors import MissingInput, UserError
from trainkit.schemes import Run, of

TEXT = """
name: tiny-pictures
scheme: edge-only
seed: 5
backbone: little
dataset: {name: digits, augment: crop, pad: 2}
codec: {name: jpeg, quality: 75, chroma: "4:2:0"}
tuning: {epochs: 1, batch: 8, peakRate: 0.01, muonRate: 0}
heldOut: 8
"""
PLANNED = """
name: little
seed: 1
dataset: {name: digits, augment: crop, pad: 2}
body: lite0
sides: [32]
training: {epochs: 1, batch: 8, peakRate: 0.01, muonRate: 0}
"""


@pytest.fixture
def planned(little, monkeypatch):  # noqa: F811
    monkeypatch.setattr(pretraining, "planned", lambda name: configuration.parse_backbone(PLANNED))
    return little


def run(root, text):
    scheme = of(text, "x.yaml")
    config = scheme.parse(text)
    folder = root / "models" / config.folder
    scheme.check(config)
    scheme.train(config, Run(root / "data", root, root / "out", folder, "a command", None))
    return config, folder, json.loads((folder / "bundle.json").read_text())


@pytest.mark.parametrize("old, new, message", [
    ("name: jpeg", "name: gif", "codec.name: 'gif' is not one of raw, jpeg, png, webp"),
    ("quality: 75", "quality: 0", "codec.quality: from 1 to 100"),
    ("name: jpeg, quality: 75", "name: png, quality: 75", "codec.quality: png has none"),
    ('chroma: "4:2:0"', 'chroma: "4:1:1"', "codec.chroma: '4:1:1'"),
    ("name: jpeg", "name: webp", "codec.chroma: '4:2:0'; jpeg has"),
    ('{name: jpeg, quality: 75, chroma: "4:2:0"}', "{name: raw}", "tuning.epochs: 0 for raw"),
    ("heldOut: 8", "heldOut: 0", "heldOut: from 1"),
    ("heldOut: 8", "heldOut: 8\nremoteArithmetic: half", "'half' is not one of int8, float"),
    ("tuning: {", "tuning: {distil: 0.5, ", "tuning.distil: there is no teacher"),
    ("epochs: 1", "epoch: 1", "unknown key tuning.epoch; did you mean epochs?"),
])
def test_configuration_errors(old, new, message):
    with pytest.raises(UserError) as caught:
        of(TEXT, "x.yaml").parse(TEXT.replace(old, new), "x.yaml")
    assert "\n" not in str(caught.value) and message in str(caught.value)


def test_a_missing_backbone_is_told_before_any_time_is_spent():
    scheme = of(TEXT, "x.yaml")
    with pytest.raises(MissingInput):
        scheme.check(scheme.parse(TEXT.replace("backbone: little", "backbone: absent")))


def test_the_bundle_answers_as_the_network_does_on_what_the_codec_leaves(planned):
    config, folder, manifest = run(planned, TEXT)
    assert config.folder == "digits/edge-only"
    path = manifest["paths"][0]
    assert path["codec"] == {"name": "jpeg", "quality": 75, "chroma": "4:2:0"}
    assert path["sends"] == [{"tensor": "image", "to": "image"}] and "device" not in manifest["graphs"]
    dataset = data.hold_out(data.load("digits", planned / "data"), 8)
    session = onnxruntime.InferenceSession(folder / "remote.onnx")
    setting = codecs.Setting("JPEG", 75)
    found = [codecs.coded(image, setting) for image in dataset.test.images.numpy()]
    values = picture_network.values(np.stack([image for image, _ in found]))
    logits = session.run(["logits"], {"image": values})[0]
    right = 100 * float((logits.argmax(1) == dataset.test.labels.numpy()).mean())
    trained = manifest["trained"]
    assert trained["accuracy"]["int8"]["remote"] == pytest.approx(right, abs=0.01)
    sizes = [codecs.payload(file, "JPEG") for _, file in found]
    assert trained["payload"] == pytest.approx(np.mean(sizes), abs=0.1)
    # It was tuned: another network than the backbone.
    before = backbone.load("little")
    after = picture_network.PictureNetwork(config, dataset, planned / "out").body.state_dict()
    assert any(not torch.equal(before[key], after[key]) for key in before)


def test_raw_values_are_coded_by_lzw_at_the_devices_size(planned):
    text = TEXT.replace('{name: jpeg, quality: 75, chroma: "4:2:0"}', "{name: raw}")
    text = text.replace("epochs: 1, batch", "epochs: 0, batch").replace("pad: 2", "pad: 2, side: 96")
    _, folder, manifest = run(planned, text.replace("seed: 5", "seed: 5\nvariant: raw96"))
    assert folder.name == "edge-only-raw96" and manifest["input"]["width"] == 96
    assert manifest["input"]["resize"] == "bilinear"
    send = manifest["paths"][0]["sends"][0]
    assert send["coder"] == {"name": "lzw"} and send["symbols"][0]["symbolOf"] == list(range(256))
    values = np.array(send["symbols"][0]["valueOf"], np.float32)
    assert np.array_equal(values, np.arange(256, dtype=np.float32) / np.float32(255))
    assert "payload" not in manifest["trained"]
