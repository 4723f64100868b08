"""The `deepcod` scheme: encoder, decoder, what trains, and the bundle that comes of it."""

import json

import numpy as np
import onnxruntime
import pytest
import torch

from test_ordered import little  # noqa: F401
from trainkit import backbone, data, deepcod, deepcod_export, int8
from trainkit.errors import UserError
from trainkit.schemes import Run, of

TEXT = """
name: tiny-cod
scheme: deepcod
seed: 5
backbone: little
dataset: {name: digits, augment: crop, pad: 2}
network: {ratio: 0.25, centres: 4, width: 16}
joint: {epochs: 1, batch: 8, reconstructionWeight: 5.0}
heldOut: 8
"""


def parsed(text=TEXT):
    return of(text, "x.yaml").parse(text)


def dataset_of(root):
    return data.hold_out(data.load("digits", root / "data"), 8)


@pytest.mark.parametrize("old, new, message", [
    ("ratio: 0.25", "ratio: 1.5", "network.ratio: from 0.001 to 1"),
    ("centres: 4", "centres: 1", "network.centres: from 2 to 256"),
    ("epochs: 1", "epochs: 0", "joint.epochs: from 1"),
    ("epochs: 1", "distill: 1, epochs: 1", "unknown key joint.distill; did you mean distil?"),
    ("pad: 2", "pad: 2, side: 96", "at their own size"),
])
def test_configuration_errors(old, new, message):
    with pytest.raises(UserError) as caught:
        parsed(TEXT.replace(old, new))
    assert "\n" not in str(caught.value) and message in str(caught.value)


@pytest.mark.parametrize("ratio, channels", [(0.001, 1), (0.25, 12), (0.5, 24), (1, 48)])
def test_the_encoder_is_the_released_one(little, ratio, channels):  # noqa: F811
    assert deepcod.channels_of(ratio) == channels
    model = deepcod.DeepCODModel(parsed(TEXT.replace("0.25", str(ratio))).network, "little")
    assert model.encoder.conv.weight.shape == (channels, 3, 4, 4)
    assert model.encoder.conv.bias is None and model.encoder.norm is None
    logits, rebuilt, _ = model(torch.rand(2, 3, 32, 32))
    assert logits.shape == (2, 10) and rebuilt.shape == (2, 3, 32, 32)
    assert 0 <= float(rebuilt.min()) and float(rebuilt.max()) <= 1


def test_attention_adds_nothing_at_first_and_then_looks_everywhere():
    torch.manual_seed(1)
    layer, x = deepcod.SelfAttention(16), torch.rand(1, 16, 4, 4, requires_grad=True)
    assert torch.equal(layer(x), x)
    with torch.no_grad():
        layer.weight.fill_(1)
    layer(x)[0, :, 0, 0].sum().backward()
    assert bool((x.grad.abs().sum(1) > 0).all())


@pytest.mark.parametrize("rate, moves", [(0.0, False), (0.5, True)])
def test_the_backbone_stays_as_it_is_unless_it_has_a_rate(little, tmp_path, rate, moves):  # noqa: F811
    config = parsed(TEXT.replace("epochs: 1", f"epochs: 1, trunkRate: {rate}"))
    model = deepcod.train(config, dataset_of(little), tmp_path)
    before, after = backbone.load("little"), model.answering.state_dict()
    assert any(not torch.equal(before[key], after[key]) for key in before) == moves
    assert not model.training


def test_the_bundle_is_the_model(little):  # noqa: F811
    config, scheme = parsed(), of(TEXT, "x.yaml")
    scheme.check(config)
    folder = little / "models" / config.folder
    scheme.train(config, Run(little / "data", little, little / "out", folder, "a command", None))
    manifest = json.loads((folder / "bundle.json").read_text())
    send = manifest["paths"][0]["sends"][0]
    table = send["symbols"][0]
    assert manifest["scheme"] == "deepcod" and len(table["valueOf"]) == 4
    assert [exit["where"] for exit in manifest["paths"][0]["exits"]] == ["server"]
    dataset = dataset_of(little)
    model = deepcod.train(config, dataset, little / "out")
    graph = deepcod_export.device_graph(model, dataset)
    images = dataset.test.images[:10]
    features = int8.run(graph, images.long() - 128)["features"]
    symbols = torch.tensor(table["symbolOf"])[features + 128].permute(0, 3, 1, 2)
    # What the int8 encoder sends is what the float one would, but where rounding decides.
    with torch.no_grad():
        wanted = model.quantiser.symbols(model.encoder(data.to_float(images, 32)))
    assert float((symbols == wanted).float().mean()) > 0.97
    values = np.array(table["valueOf"], np.float32)[symbols.numpy()]
    session = onnxruntime.InferenceSession(folder / "remote.onnx")
    found = session.run(["logits"], {"features": values})[0]
    with torch.no_grad():
        body = model.remote()
        expected = body(torch.from_numpy(values)).numpy()
    # Weights are stored in eight bits.
    assert np.abs(found - expected).max() < 0.1 * np.abs(expected).max() + 0.05
