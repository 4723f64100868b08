"""The `ordered` scheme's bundle against the float model it came from."""

import dataclasses
import hashlib
import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from test_ordered import TEXT, little, trained  # noqa: F401
from trainkit import curve, data, export_tflite, int8, ordered_device, ordered_export, saved_batch
from trainkit.fold import folded_body
from trainkit.schemes import ordered as scheme
from trainkit.stream import GRAIN, LEVELS, REACH


@pytest.fixture
def training(little):  # noqa: F811
    return trained(little, "out")


@pytest.fixture
def made(training):
    training, dataset = training
    model = training.model.eval()
    with torch.no_grad():
        model.stream.missing.copy_(torch.randn(6, 1, 1))
        model.mixing.copy_(torch.linspace(2, -2, len(model.mixing)))
    return model, dataset


def test_tables_make_the_streams_symbols_and_back(made):
    model, _ = made
    table = ordered_device.units(model)
    stream = model.stream
    assert len(table) == stream.units
    values = torch.arange(-128, 128)
    steps = (values.float() / GRAIN).clamp(-REACH, REACH).round()
    totals = {}
    for unit in table:
        assert min(unit.symbol_of) == 0 and max(unit.symbol_of) == len(unit.value_of) - 1
        found = torch.tensor(unit.value_of)[torch.tensor(unit.symbol_of)]
        totals[unit.channel] = totals.get(unit.channel, 0) + found
    assert sorted(totals) == list(range(6))
    assert all(torch.equal(total, steps) for total in totals.values())
    first = {}
    for unit in table:
        first.setdefault(unit.channel, unit)
    assert all(unit.missing == (float(stream.missing[unit.channel])
                                if first[unit.channel] is unit else 0.0) for unit in table)


def test_the_device_gives_the_models_features_and_answer(made):
    model, dataset = made
    device = ordered_device.graph(model, dataset)
    table = ordered_device.units(model)
    images = dataset.test.images
    symbols, steps, local = ordered_device.symbols_of(device, table, images)
    with torch.no_grad():
        features = model.extractor(data.to_float(images, 32))
        wanted = model.stream.steps(features).clamp(-REACH, REACH)
        answer = model.local_answer(features)
    assert steps.shape == wanted.shape and symbols.shape[1] == len(table)
    assert float((steps.clamp(-REACH, REACH) - wanted).abs().max()) < 1.2 / GRAIN
    assert float((local - answer).abs().mean()) < 0.1 * float(answer.std()) + 0.05


def test_the_device_agrees_with_tflite_micro_bit_for_bit(made, tmp_path):
    runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime")
    model, dataset = made
    device = ordered_device.graph(model, dataset)
    path = tmp_path / "device.tflite"
    path.write_bytes(export_tflite.serialise(device, "test"))
    interpreter = runtime.Interpreter.from_file(str(path))
    images = dataset.test.images[:4].long() - 128
    outputs = int8.run(device, images)
    for i in range(len(images)):
        interpreter.set_input(images[i : i + 1].numpy().astype(np.int8), 0)
        interpreter.invoke()
        for position, name in enumerate(device.outputs):
            assert np.array_equal(interpreter.get_output(position)[0], outputs[name][i].numpy())


def test_the_remote_network_answers_as_the_model_for_every_cut(made):
    """From symbols and tables, what the model makes of its own features."""
    model, dataset = made
    table = ordered_device.units(model)
    features = curve.features_of(model, dataset.test.images, 32)
    symbols = {}
    for level, found in enumerate(model.stream.symbols(features)):
        for place, unit in enumerate(table):
            if unit.level == level:
                symbols[place] = found[:, unit.channel] - int(min(unit.value_of)
                                                             / 3 ** (LEVELS - 1 - level))
    stacked = torch.stack([symbols[place] for place in range(len(table))], 1)
    body = ordered_export.remote_body(model)
    came = torch.arange(16) % (len(table) + 1)
    with torch.no_grad():
        found = body(torch.from_numpy(ordered_device.received(stacked, table, came)))
        wanted = model.answer(features, came)[2]
    assert torch.allclose(found, wanted, rtol=1e-3, atol=1e-3 * float(wanted.abs().max()))


def test_in_8_bits_the_remote_network_answers_nearly_alike(made):
    """Every weight is uint8, and its answers differ from float's less than from each other."""
    model, dataset = made
    config = scheme.parse(TEXT)
    eight = ordered_export.Chain(model, dataset, config)
    floats = ordered_export.Chain(
        model, dataset, dataclasses.replace(config, remoteArithmetic="float"))
    graph = onnx.load_from_string(eight.remote).graph
    assert not [t.name for t in graph.initializer
                if t.data_type == onnx.TensorProto.FLOAT and len(t.dims) > 1]
    assert "QLinearConv" in {node.op_type for node in graph.node}
    values = np.concatenate(eight._examples(dataset.train.images))
    wanted, found = (chain.session.run(["logits"], {"features": values})[0]
                     for chain in (floats, eight))
    assert np.abs(found - wanted).mean() < 0.1 * wanted.std() + 1e-3


def test_a_bundle_on_disk(made, training, tmp_path):
    model, dataset = made
    config = scheme.parse(TEXT)
    manifest = ordered_export.export(config, "train.py tiny.yaml", training[0], dataset, tmp_path,
                                     [0, 60])
    assert json.loads((tmp_path / "bundle.json").read_text()) == manifest
    for graph in manifest["graphs"].values():
        content = (tmp_path / graph["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == graph["sha256"]
    (path,) = manifest["paths"]
    (send,), (local, remote) = path["sends"], path["exits"]
    count = model.stream.units
    assert len(send["symbols"]) == len(send["missing"]) == count
    assert len(local["alpha"]) == count + 1 and all(0 < a < 1 for a in local["alpha"])
    session = onnxruntime.InferenceSession((tmp_path / "remote.onnx").read_bytes())
    assert session.get_inputs()[0].shape == ["N", count, 8, 8]
    about = manifest["trained"]
    features, labels, k, body = saved_batch.read(tmp_path / saved_batch.NAME, config.backbone)
    assert k == 2 and torch.equal(labels, dataset.test.labels[:len(labels)])
    wanted = curve.features_of(model, dataset.test.images[:len(labels)], 32)
    span = wanted.amax(dim=(0, 2, 3), keepdim=True) - wanted.amin(dim=(0, 2, 3), keepdim=True)
    assert bool(((features - wanted).abs() <= 0.51 / 255 * span).all())
    reference = folded_body(training[0].reference.eval())
    with torch.no_grad():
        assert torch.allclose(body(features), reference(features), atol=0.02)
    for name in ("skewness", "violations"):
        assert 0 <= about[name] <= 100
        assert about["savedBatch"][name] == pytest.approx(about[name], abs=2)
    rows = about["budgets"]
    assert [row["budget"] for row in rows] == [0, 60]
    assert rows[0]["bytes"] == 0 and rows[1]["bytes"] <= 60
    # What nothing came of is answered by alpha of the local answer and what the missing values say.
    assert all(0 <= row[name] <= 100 for row in rows for name in ("combined", "local", "remote"))
