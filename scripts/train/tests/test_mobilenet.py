"""MobileNetV2 as the remote network: its form, its fast depthwise convolution, its backbone."""

import pytest
import torch
import torch.nn.functional as F

from tiny import TEXT
from trainkit import backbone, checkpoint, config, data, pretraining, stages
from trainkit.errors import UserError
from trainkit.mobilenet import Unit, depthwise_of_four, mobile


def test_it_has_the_published_parameters():
    """torchvision's mobilenet_v2 has 2,223,872 in its features, 928 of them in the first convolution
    and its norm, which the adapter takes the place of; ours keeps the 16 channels behind it."""
    body = mobile(19, 16, 100)
    first_block = 32 * 9 + 2 * 32 + 32 * 16 + 2 * 16
    ours = 16 * 9 + 2 * 16 + 16 * 16 + 2 * 16
    assert sum(p.numel() for p in body.trunk.parameters()) == 2_223_872 - 928 - first_block + ours
    assert body.trunk(torch.zeros(1, 16, 16, 16)).shape == (1, 1280, 2, 2)


def test_the_fast_depthwise_convolution_and_its_gradient_are_exact():
    torch.manual_seed(3)
    x = torch.randn(5, 7, 2, 2, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(7, 1, 3, 3, dtype=torch.float64, requires_grad=True)
    upstream = torch.randn(5, 7, 2, 2, dtype=torch.float64)
    fast, slow = depthwise_of_four(x, weight), F.conv2d(x, weight, padding=1, groups=7)
    torch.testing.assert_close(fast, slow)
    for found, wanted in zip(torch.autograd.grad(fast, [x, weight], upstream),
                             torch.autograd.grad(slow, [x, weight], upstream)):
        torch.testing.assert_close(found, wanted)


def test_units_train_and_answer_alike():
    torch.manual_seed(3)
    unit = Unit(6, 6, 3, 1, 6)
    unit.norm.momentum = 1.0
    x = torch.randn(400, 6, 2, 2)
    torch.testing.assert_close(unit.train()(x), unit.eval()(x), rtol=1e-2, atol=1e-2)


@pytest.fixture
def mobile_backbone(tiny_backbone):
    """For 12 classes, which the tiny data set has not."""
    torch.manual_seed(9)
    body = mobile(3, 32, 12)
    body(torch.rand(8, 3, 32, 32))
    backbone.save(body.eval(), backbone.path_of("mobile"))
    return body


@pytest.fixture
def parsed():
    return config.parse(TEXT.replace("network: {", "network: {remote: mobilenetv2, ")
                        + "remoteBackbone: mobile\n")


def test_a_backbone_is_rebuilt_in_its_own_form(mobile_backbone):
    images = torch.rand(2, 3, 32, 32)
    torch.testing.assert_close(backbone.rebuild("mobile")(images), mobile_backbone(images),
                               rtol=2e-2, atol=2e-2)


def test_the_remote_network_starts_from_its_own_backbone(root, parsed, mobile_backbone, aligned):
    dataset = data.load("digits", root / "data")
    stages.check(parsed, dataset, root / "out")
    _, found = aligned(parsed, dataset)
    for name, weight in backbone.load("mobile").items():
        if name.startswith("trunk."):
            assert torch.equal(found[f"remote.{name}"], weight), name
    assert len(found["remote.dense.bias"]) == 10


def test_another_remote_backbone_means_another_run(root, parsed, mobile_backbone):
    dataset = data.load("digits", root / "data")
    before = [stages.fingerprint(parsed, dataset, stage) for stage in stages.PARTS]
    backbone.save(mobile(3, 32, 12).eval(), backbone.path_of("mobile"))
    after = [stages.fingerprint(parsed, dataset, stage) for stage in stages.PARTS]
    assert not set(before) & set(after)


def test_a_remote_backbone_of_another_form_is_refused(root, parsed, tiny_backbone):
    wrong = config.parse(TEXT.replace("network: {", "network: {remote: mobilenetv2, ")
                         + "remoteBackbone: tiny\n")
    with pytest.raises(UserError, match="does not fit the network"):
        stages.check(wrong, data.load("digits", root / "data"), root / "out")


def test_a_backbone_learns_from_its_teacher(root, tiny_backbone):
    text = ("name: taught\nseed: 1\ndataset: {name: digits, augment: crop}\nbody: mobilenetv2\n"
            "teacher: tiny\ntraining: {epochs: 1, batch: 8, distil: 0.5}\n")
    settings = config.parse_backbone(text)
    pretraining.make(settings, root / "data", root / "cache" / "out", root / "taught.npz")
    assert (root / "cache" / "teacher-tiny.pt").is_file() and (root / "taught.npz").is_file()
    with pytest.raises(UserError, match="another configuration"):
        other = config.parse_backbone(text.replace("0.5", "0.25"))
        checkpoint.load(root / "cache" / "out" / "backbone.pt",
                        pretraining.fingerprint(other, data.load("digits", root / "data")))
