"""The `spinn` scheme: its network, what trains, and the bundle that comes of it."""

import dataclasses
import json

import numpy as np
import onnxruntime
import pytest
import torch

from test_ordered import little  # noqa: F401
from trainkit import backbone, data, export_onnx, int8, lite, pretraining, spinn, spinn_export
from trainkit import config as configuration
from trainkit.body import Body
from trainkit.errors import MissingInput, UserError
from trainkit.layouts import Split
from trainkit.schemes import Run, of
from trainkit.schemes import spinn as scheme

TEXT = """
name: tiny-spinn
scheme: spinn
seed: 5
backbone: little
dataset: {name: digits, augment: crop, pad: 2}
network: {side: 40, cuts: [0, 2], exitWidth: 8}
joint: {epochs: 1, batch: 8, distil: 0.5, exitWeights: [0.5, 0.3]}
heldOut: 8
"""


def parsed(text=TEXT):
    return of(text, "x.yaml").parse(text, "x.yaml")


def dataset_of(root, side=40):
    return data.hold_out(data.load("digits", root / "data", side), 8)


def model_of(text=TEXT):
    torch.manual_seed(1)
    return spinn.SPINNModel(parsed(text).network, "little").to(memory_format=torch.channels_last)


@pytest.mark.parametrize("old, new, message", [
    ("side: 40", "side: 30", "network.side: a multiple of 8, from 32 to 224"),
    ("side: 40", "side: 42", "network.side: a multiple of 8"),
    ("cuts: [0, 2]", "cuts: []", "network.cuts: 1 to 15 of them"),
    ("cuts: [0, 2]", "cuts: [2, 0]", "network.cuts: each once, the lowest first"),
    ("cuts: [0, 2]", "cuts: [2, 2]", "network.cuts: each once, the lowest first"),
    ("exitWidth: 8", "exitWidth: 0", "network.exitWidth: from 1 to 1024"),
    ("exitWeights: [0.5, 0.3]", "exitWeights: [0.5]", "exitWeights: one for each of network.cuts"),
    ("exitWeights: [0.5, 0.3]", "exitWeights: [0.5, 0]", "exitWeights: each above 0, to 100"),
    ("distil: 0.5", "distil: 2", "joint.distil: from 0 to 1"),
    ("epochs: 1", "epochs: 0", "joint.epochs: from 1"),
    ("epochs: 1", "exitRates: 1, epochs: 1", "unknown key joint.exitRates; did you mean exitRate?"),
    ("pad: 2", "pad: 2, side: 96", "dataset.side: network.side says"),
    ("heldOut: 8", "heldOut: 0", "heldOut: from 1"),
])
def test_configuration_errors(old, new, message):
    with pytest.raises(UserError) as caught:
        parsed(TEXT.replace(old, new))
    assert "\n" not in str(caught.value) and message in str(caught.value)


@pytest.mark.parametrize("old, new, message", [
    ("cuts: [0, 2]", "cuts: [0, 16]", "network.cuts: from 0 to 15"),
    ("cuts: [0, 2]", "cuts: [-1, 2]", "network.cuts: from 0 to 15"),
    ("cuts: [0, 2]", "cuts: [0, 15]", "the weights up to block 15 take"),
    ("side: 40", "side: 128", "a layer's maps take 491520 bytes, and the device has 327680"),
    ("{name: digits, augment: crop, pad: 2}", "{name: tinyimagenet}", "at least the 64 of tinyimagenet's"),
    ("backbone: little", "backbone: tiny", "backbone: tiny is no lite0"),
])
def test_what_no_run_could_train(little, tiny_backbone, old, new, message):  # noqa: F811
    # Both fixtures give the folder of backbones: the later one's has to have the other's file.
    backbone.save(lite.lite(32, 10), backbone.path_of("little"), {"body": "lite0", "side": 32})
    scheme.check(parsed())
    with pytest.raises(UserError) as caught:
        scheme.check(parsed(TEXT.replace(old, new)))
    assert "\n" not in str(caught.value) and message in str(caught.value)


def test_a_backbone_that_is_not_there(little, monkeypatch):  # noqa: F811
    with pytest.raises(MissingInput):
        scheme.check(parsed(TEXT.replace("backbone: little", "backbone: absent")))
    text = "name: absent\nseed: 1\ndataset: {name: digits, augment: crop}\ntraining: {epochs: 1}\n"
    monkeypatch.setattr(pretraining, "planned", lambda name: configuration.parse_backbone(
        text + "widths: [8, 12]\n"))
    with pytest.raises(UserError, match="absent is no lite0"):
        scheme.check(parsed(TEXT.replace("backbone: little", "backbone: absent")))


def test_the_stem_on_pixels_is_the_backbones_but_at_the_border(little):  # noqa: F811
    body, images = backbone.rebuild("little"), torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        # As trained norms are.
        body.adapter[1].norm.running_mean.normal_()
        wanted = body.adapter(images)
        found = spinn.stem_on_pixels(body)(images)
    assert torch.allclose(found[..., :-1, :-1], wanted[..., :-1, :-1], atol=1e-4)
    assert not torch.allclose(found[..., -1, :], wanted[..., -1, :], atol=1e-4)


def test_the_halves_of_each_cut_are_the_network(little):  # noqa: F811
    model, images = model_of().eval(), torch.rand(3, 3, 40, 40)
    with torch.no_grad():
        *exits, whole = model(images)
        assert [logits.shape for logits in (*exits, whole)] == [(3, 10)] * 3
        for cut in model.cuts:
            maps = model.trunk[: cut + 1](model.stem(images))
            assert torch.allclose(model.remote(cut)(maps), whole, atol=1e-5)


def test_what_the_device_half_needs():
    network = scheme.NetworkConfig(64, [2, 4, 7], 128)
    maps, weights = spinn.demand(network)
    # In the first block that widens: 96 channels of 32x32 to 16x16.
    assert maps == 96 * (32 * 32 + 16 * 16)
    assert 250_000 < weights < 280_000


def settled(dataset):
    """A model whose device half's norms have seen the data set, and whose exits tell its images apart. The
    server's norms stay as they were: behind fifty of them that were never trained, roundings decide."""
    model, images = model_of().train(), data.to_float(dataset.train.images, dataset.side)
    half = [*model.stem.modules(), *model.trunk[: model.cuts[-1] + 1].modules(), *model.exits.modules()]
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = float(any(module is other for other in half))
    with torch.no_grad():
        for found in model.exits:
            found.dense.weight.normal_()
        model(images)
        for found, logits in zip(model.exits, model.eval()(images)):
            found.dense.bias -= logits.mean(0)
    return model


def patches(root):
    """The data set with pictures of 4x4 patches in its place: noise looks alike to every network."""
    dataset = dataset_of(root)
    coarse = torch.randint(0, 256, (64, 4, 4, 3), dtype=torch.uint8)
    images = coarse.repeat_interleave(8, 1).repeat_interleave(8, 2)
    return dataclasses.replace(dataset, train=Split(images, torch.arange(64) % 10))


def test_the_int8_half_answers_as_the_float_one(little):  # noqa: F811
    dataset = patches(little)
    model = settled(dataset)
    chain = spinn_export.Chain(model, dataset)
    images = dataset.train.images
    with torch.no_grad():
        exits = model(data.to_float(images, 40))[:-1]
    symbols, logits = chain.symbols(images)
    for place, cut in enumerate(model.cuts):
        answers = exits[place].argmax(1)
        assert len(answers.unique()) > 3
        assert float((logits[cut].argmax(1) == answers).float().mean()) > 0.8
        received = chain.values(cut)[symbols[cut]]
        body = export_onnx.as_stored(model.remote(cut), "int8")
        with torch.no_grad():
            maps = model.trunk[: cut + 1](model.stem(data.to_float(images, 40))).numpy()
            wanted = body(torch.from_numpy(received)).numpy()
        assert np.abs(received - maps).mean() < 0.1 * np.abs(maps).mean()
        found = chain.sessions[cut].run(["logits"], {"features": received})[0]
        assert np.abs(found - wanted).max() < 0.01 * np.abs(wanted).max()


@pytest.mark.parametrize("side", [4, 5, 6, 7])
@pytest.mark.parametrize("kernel", [3, 5])
def test_the_server_pads_maps_of_any_side(side, kernel):
    torch.manual_seed(1)
    body = Body(torch.nn.Identity(), lite.LiteUnit(8, 16, kernel, 2), 16, 5).eval()
    x = torch.rand(2, 8, side, side)
    session = onnxruntime.InferenceSession(export_onnx.serialise(body, 8, side, "half"))
    with torch.no_grad():
        wanted = export_onnx.as_stored(body, "half")(x).numpy()
    found = session.run(["logits"], {"features": x.numpy()})[0]
    assert np.abs(found - wanted).max() < 1e-5


def test_the_graph_runs_as_tensorflow_lite_micro_runs_it(little, tmp_path):  # noqa: F811
    runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime")
    from trainkit import export_tflite

    graph = spinn_export.device_graph(settled(patches(little)), patches(little))
    path = tmp_path / "graph.tflite"
    path.write_bytes(export_tflite.serialise(graph, "test"))
    images = torch.randint(-128, 128, (3, 40, 40, 3))
    found = int8.run(graph, images)
    interpreter = runtime.Interpreter.from_file(str(path), arena_size=4 << 20)
    for number, image in enumerate(images):
        interpreter.set_input(image[None].numpy().astype(np.int8), 0)
        interpreter.invoke()
        for place, name in enumerate(graph.outputs):
            assert np.array_equal(interpreter.get_output(place)[0], found[name][number].numpy())


def test_the_bundle_has_a_path_for_each_cut(little):  # noqa: F811
    config, module = parsed(), of(TEXT, "x.yaml")
    module.check(config)
    folder = little / "models" / config.folder
    module.train(config, Run(little / "data", little, little / "out" / "run", folder, "a command", None))
    manifest = json.loads((folder / "bundle.json").read_text())
    assert config.folder == "digits/spinn" and manifest["scheme"] == "spinn"
    assert manifest["input"] == {"width": 40, "height": 40, "resize": "bilinear", "fit": "stretch"}
    assert set(manifest["graphs"]) == {"device", "remote0", "remote2"}
    assert [path["name"] for path in manifest["paths"]] == ["cut0", "cut2"]
    exits = [[found["name"] for found in path["exits"]] for path in manifest["paths"]]
    assert exits == [["exit0", "remote"], ["exit0", "exit2", "remote"]]
    assert set(manifest["trained"]["accuracy"]["int8"]) == {"exit0", "exit2", "remote0", "remote2"}
    for path, channels, side in zip(manifest["paths"], (16, 24), (20, 10)):
        send = path["sends"][0]
        table = send["symbols"][0]
        assert table["symbolOf"] == list(range(256)) and len(table["valueOf"]) == 256
        assert send["coder"] == {"name": "lzw"} and len(send["missing"]) == channels
        session = onnxruntime.InferenceSession(folder / manifest["graphs"][path["remote"]]["file"])
        assert session.get_inputs()[0].shape[1:] == [channels, side, side]
    # What was trained is what was written.
    model = spinn.train(config, dataset_of(little), little / "out" / "run")
    chain = spinn_export.Chain(model, dataset_of(little))
    assert manifest["paths"][1]["sends"][0]["symbols"][0]["valueOf"] == [
        float(value) for value in chain.values(2)]


def test_exits_and_trunk_train_together(little):  # noqa: F811
    before = model_of().state_dict()
    after = spinn.train(parsed(), dataset_of(little), little / "out" / "run").state_dict()
    for key in ("stem.conv.weight", "exits.0.dense.weight", "exits.1.widened.conv.weight",
                "trunk.16.conv.weight", "dense.weight"):
        assert not torch.equal(before[key], after[key]), key
