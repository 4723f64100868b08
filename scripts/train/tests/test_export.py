"""The exported graphs against what they came from, and against other people's runtimes."""

import hashlib
import json

import numpy as np
import onnx
import onnxruntime
import pytest
import tflite
import torch

from tiny import TEXT
from trainkit import backbone, bundle, config, data, export, export_onnx, export_tflite, int8, saved_batch, stages
from trainkit.attribution import Attributor
from trainkit.fold import folded_body
from trainkit.layouts import DIGIT_NAMES, Split
from trainkit.mobilenet import mobile
from trainkit.quantise_graph import DeviceNetwork


@pytest.fixture(scope="module")
def parsed():
    return config.parse(TEXT)


@pytest.fixture(scope="module")
def dataset():
    torch.manual_seed(1)
    images = torch.randint(0, 256, (64, 32, 32, 3), dtype=torch.uint8)
    labels = torch.arange(64) % 10
    # Darker test images: what takes its ranges from them is caught.
    return data.Dataset("digits", DIGIT_NAMES, Split(images, labels), Split(images // 4, labels), 32)


@pytest.fixture(scope="module")
def model(parsed, dataset):
    torch.manual_seed(2)
    model = stages.make_agile(parsed, dataset)
    for _ in range(3):
        model(data.to_float(dataset.train.images, 32))
    # Scales of both signs, which a pool must not mistake when they are folded.
    for module in model.remote.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.weight)
    return model.eval()


@pytest.fixture(scope="module")
def graph(model, dataset):
    return export.calibrated_graph(model, dataset)


def int8_images(dataset, count=16):
    return dataset.test.images[:count].long() - 128


def test_folding_changes_nothing(model, dataset):
    images = data.to_float(dataset.test.images[:8], 32)
    with torch.no_grad():
        features = model.extractor(images)
        found = DeviceNetwork.of(model).activations(images)
        torch.testing.assert_close(found["mixChannels"], features, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(
            found["localLogits"], model.local(features[:, :5]), rtol=1e-4, atol=1e-4)
        sent = features[:, 5:]
        torch.testing.assert_close(
            folded_body(model.remote)(sent), model.remote(sent), rtol=1e-4, atol=1e-4)


def test_int8_stays_near_float(model, graph, dataset):
    outputs = int8.run(graph, int8_images(dataset))
    exact = DeviceNetwork.of(model).activations(data.to_float(dataset.test.images[:16], 32))
    for name, reference in (("features", exact["mixChannels"][:, 5:].permute(0, 2, 3, 1)),
                            ("localLogits", exact["localLogits"])):
        tensor = graph.tensors[name]
        found = (outputs[name] - tensor.zero_point) * float(tensor.scale)
        assert float((found - reference).abs().mean()) < 3 * float(tensor.scale)


def test_int8_agrees_with_tflite_micro_bit_for_bit(graph, dataset, tmp_path):
    runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime")
    path = tmp_path / "device.tflite"
    path.write_bytes(export_tflite.serialise(graph, "test"))
    interpreter = runtime.Interpreter.from_file(str(path))
    images = int8_images(dataset)
    outputs = int8.run(graph, images)
    for i in range(len(images)):
        interpreter.set_input(images[i : i + 1].numpy().astype(np.int8), 0)
        interpreter.invoke()
        for position, name in enumerate(graph.outputs):
            assert np.array_equal(interpreter.get_output(position)[0], outputs[name][i].numpy())


def test_the_file_says_what_the_contract_asks(graph):
    content = export_tflite.serialise(graph, "test")
    assert content[4:8] == b"TFL3"
    model = tflite.Model.GetRootAs(content)
    assert model.Version() == 3 and model.SubgraphsLength() == 1
    subgraph = model.Subgraphs(0)
    image = subgraph.Tensors(subgraph.Inputs(0))
    assert image.ShapeAsNumpy().tolist() == [1, 32, 32, 3]
    assert image.Quantization().Scale(0) == np.float32(1 / 255)
    assert image.Quantization().ZeroPoint(0) == -128
    outputs = {}
    for i in range(subgraph.OutputsLength()):
        tensor = subgraph.Tensors(subgraph.Outputs(i))
        outputs[tensor.Name().decode()] = (tensor.ShapeAsNumpy().tolist(), tensor.Type())
    assert outputs == {"localLogits": ([1, 10], tflite.TensorType.INT8),
                       "features": ([1, 16, 16, 19], tflite.TensorType.INT8)}
    versions = {model.OperatorCodes(i).BuiltinCode(): model.OperatorCodes(i).Version()
                for i in range(model.OperatorCodesLength())}
    kinds = {op.kind for op in graph.operators}
    assert versions == dict(export_tflite.CODES[kind] for kind in kinds)


@pytest.mark.parametrize("precision, size", [("half", 2), ("int8", 1)])
@pytest.mark.parametrize("kind", ["plain", "mobilenetv2"])
def test_onnx_agrees_with_its_stored_weights(model, kind, precision, size):
    torch.manual_seed(6)
    remote = model.remote if kind == "plain" else mobile(19, 16, 10)
    for _ in range(2):
        remote.train()(torch.rand(4, 19, 16, 16) * 6)
    remote.eval()
    content = export_onnx.serialise(remote, 19, 16, precision)
    weights = sum(p.numel() for p in folded_body(remote).parameters())
    assert len(content) < 1.15 * size * weights + 60_000
    session = onnxruntime.InferenceSession(content)
    body = export_onnx.as_stored(remote, precision)
    for batch in (1, 5):
        features = torch.rand(batch, 19, 16, 16) * 6
        (found,) = session.run(["logits"], {"features": features.numpy()})
        np.testing.assert_allclose(found, body(features).numpy(), rtol=1e-3, atol=1e-3)
        # What is lost by storing is small beside what the network says.
        exact = remote(features).detach()
        assert float((body(features) - exact).abs().mean()) < 0.05 * float(exact.std()) + 1e-3
    stored = onnx.load_from_string(content)
    floats = [t for t in stored.graph.initializer if t.data_type == onnx.TensorProto.FLOAT]
    assert all(t.name.endswith(".scale") for t in floats) and bool(floats) == (precision == "int8")


def test_symbol_tables(graph):
    centres = torch.tensor([2.0, 0.0, 5.0, 1.0])
    symbol_of, value_of = bundle.symbol_tables(graph, centres)
    assert value_of == [0.0, 1.0, 2.0, 5.0]
    tensor = graph.tensors["features"]
    for q in (-128, -100, 0, 127):
        real = (q - tensor.zero_point) * float(tensor.scale)
        assert symbol_of[q + 128] == min(range(4), key=lambda j: abs(value_of[j] - real))


def test_bundle_on_disk(parsed, model, dataset, tmp_path, tiny_backbone):
    stage1 = stages.ReferenceModel(parsed.network, 32, 10)
    backbone.start(stage1.reference, "tiny")
    for _ in range(3):
        stage1(data.to_float(dataset.train.images, 32))
    stage1.eval()
    attributor = Attributor.make(folded_body(stage1.reference), "trapezoid", 2, (24, 16, 16), 10)
    export.export(parsed, "scripts/train/train.py tiny.yaml", model, stage1.reference, attributor,
                  dataset, tmp_path / "bundle")
    manifest = json.loads((tmp_path / "bundle" / "bundle.json").read_text())
    assert sorted(p.name for p in (tmp_path / "bundle").iterdir()) == [
        "bundle.json", "device.tflite", "importance.npz", "remote.onnx"]
    for graph in manifest["graphs"].values():
        content = (tmp_path / "bundle" / graph["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == graph["sha256"]
    assert manifest["format"] == 2 and manifest["trained"]["pretrained"] is None
    (path,) = manifest["paths"]
    (send,) = path["sends"]
    (table,) = send["symbols"]
    assert len(table["symbolOf"]) == 256 and len(table["valueOf"]) == 8
    assert max(table["symbolOf"]) < 8
    assert (send["tensor"], send["to"], send["missing"]) == ("features", "features", [0.0])
    assert [exit["where"] for exit in path["exits"]] == ["device", "server"]
    assert 0 < path["exits"][0]["alpha"][0] < 1 and len(manifest["labels"]) == 10
    # The saved batch gives the features and the reference network back.
    batch, labels, k, body = saved_batch.read(tmp_path / "bundle" / "importance.npz", "tiny")
    images = data.to_float(dataset.test.images, 32)
    with torch.no_grad():
        features = model.extractor(images)
        torch.testing.assert_close(batch, features, rtol=0, atol=6 / 255)
    assert k == 5 and torch.equal(labels, dataset.test.labels)
    expected, _ = attributor.importance(batch, labels)
    found, _ = Attributor.make(body, "trapezoid", 2, (24, 16, 16), 10).importance(batch, labels)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-5)
    assert manifest["trained"]["savedBatch"]["images"] == len(dataset.test)
