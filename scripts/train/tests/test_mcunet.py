"""The `mcunet` scheme: what its configuration may say, the network, and the bundle that comes of it."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from test_ordered import little  # noqa: F401
from trainkit import backbone, data, evaluate, export_tflite, fused, int8, mcunet, mcunet_export
from trainkit.device_blocks import DeviceBlock, convolution
from trainkit.errors import MissingInput, UserError
from trainkit.graph_builder import GraphBuilder
from trainkit.lite import LiteUnit
from trainkit.mobilenet import InvertedResidual, Unit
from trainkit.ranges import Ranges
from trainkit.schemes import Run, of

TEXT = """
name: tiny-mcunet
scheme: mcunet
seed: 5
backbone: little
dataset: {name: digits, augment: crop, pad: 2}
network:
  stem: {channels: 16, stride: 2}
  blocks:
    - {expansion: 1, kernel: 3, channels: 8, stride: 1}
    - {expansion: 4, kernel: 5, channels: 16, stride: 2}
    - {expansion: 3, kernel: 7, channels: 16, stride: 1}
  head: 24
training: {epochs: 2, batch: 8, peakRate: 0.1, muonRate: 0, distil: 0.5}
heldOut: 8
"""


def parsed(text=TEXT):
    return of(text, "x.yaml").parse(text, "x.yaml")


def dataset_of(root, side=None):
    return data.hold_out(data.load("digits", root / "data", side), 8)


def made(root, text=TEXT):
    config, scheme = parsed(text), of(text, "x.yaml")
    scheme.check(config)
    folder = root / "models" / config.folder
    scheme.train(config, Run(root / "data", root, root / "out", folder, "a command", None))
    return config, folder, json.loads((folder / "bundle.json").read_text())


def seasoned(module, shape):
    """Norms that have seen data, with scales of both signs."""
    torch.manual_seed(3)
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(part.weight)
            torch.nn.init.normal_(part.bias)
            part.momentum = 0.5
    for _ in range(8):
        module(torch.rand(shape).contiguous(memory_format=torch.channels_last))
    return module.eval()


@pytest.mark.parametrize("old, new, message", [
    ("kernel: 5", "kernel: 4", "network.blocks[1].kernel: 4 is not one of 3, 5, 7"),
    ("stride: 2}\n    - {expansion: 3", "stride: 3}\n    - {expansion: 3",
     "network.blocks[1].stride: from 1 to 2"),
    ("expansion: 4", "expansion: 0", "network.blocks[1].expansion: from 1 to 16"),
    ("expansion: 4, ", "", "missing key network.blocks[1].expansion"),
    ("expansion: 4", "expand: 4", "unknown key network.blocks[1].expand"),
    ("{channels: 16, stride: 2}", "{channels: 0, stride: 2}", "network.stem.channels: from 1 to 1024"),
    ("head: 24", "head: -1", "network.head: from 0 to 4096"),
    ("pad: 2", "pad: 2, side: 4", "dataset.side: 0, or from 8 to 256"),
    ("pad: 2", "pad: 2, cutmix: 0.5", "dataset.cutmix: for backbones alone"),
    ("distil: 0.5", "distil: 1.5", "training.distil: from 0 to 1"),
    ("epochs: 2", "epochs: 0", "training.epochs: from 1"),
    ("heldOut: 8", "heldOut: 0", "heldOut: from 1"),
    ("backbone: little", "backbone: ../x", "backbone: '../x' is not a word"),
    ("heldOut: 8", "heldout: 8", "unknown key heldout; did you mean heldOut?"),
])
def test_configuration_errors(old, new, message):
    with pytest.raises(UserError) as caught:
        parsed(TEXT.replace(old, new))
    assert "\n" not in str(caught.value) and message in str(caught.value)


def test_no_blocks_are_no_network():
    head, _, rest = TEXT.partition("  blocks:")
    with pytest.raises(UserError, match="network.blocks: 1 to 64 of them"):
        parsed(head + "  blocks: []\n" + rest[rest.index("  head"):])


def test_what_no_device_holds_is_told_before_any_time_is_spent(little):  # noqa: F811
    text = TEXT.replace("expansion: 4, kernel: 5, channels: 16", "expansion: 16, kernel: 5, channels: 1024")
    with pytest.raises(UserError, match="network: .* weights, and a device graph has room for 2097152"):
        of(text, "x.yaml").check(parsed(text.replace("head: 24", "head: 2048")))
    with pytest.raises(MissingInput):
        of(TEXT, "x.yaml").check(parsed(TEXT.replace("backbone: little", "backbone: absent")))
    with pytest.raises(UserError, match="--until 'joint': not one of training"):
        of(TEXT, "x.yaml").check_until("joint")


def test_weights_are_those_of_the_network():
    network = parsed().network
    body = mcunet.untrained(network, 10)
    count = sum(module.weight.numel() for module in body.modules() if isinstance(module, torch.nn.Conv2d))
    assert of(TEXT, "x.yaml").weights(network) == count


@pytest.mark.parametrize("head, side", [(24, 32), (0, 32), (24, 48)])
def test_the_network_has_the_form_that_is_asked_for(head, side):
    body = mcunet.untrained(parsed(TEXT.replace("head: 24", f"head: {head}")).network, 10)
    units = [unit for unit in body.modules() if isinstance(unit, Unit)]
    assert [unit.bounded for unit in units] == [True, True, False] + 2 * [True, True, False] + [True] * (head > 0)
    assert [layer.skip for layer in body.trunk if isinstance(layer, InvertedResidual)] == [False, False, True]
    assert body.dense.in_features == (head or 16)
    assert body(torch.rand(2, 3, side, side)).shape == (2, 10)
    maps = body.trunk(body.adapter(torch.rand(1, 3, side, side)))
    assert maps.shape == (1, head or 16, side // 4, side // 4)


@pytest.mark.skipif(fused.library() is None, reason="no C++ compiler")
@pytest.mark.parametrize("channels, kernel, stride", [(24, 3, 1), (16, 7, 2), (16, 5, 2)])
def test_the_quick_way_takes_every_depthwise_convolution(channels, kernel, stride):
    torch.manual_seed(1)
    unit = LiteUnit(channels, channels, kernel, stride, channels)
    x = torch.rand(4, channels, 12, 12).contiguous(memory_format=torch.channels_last)
    found = unit(x).detach()
    assert found.dtype == torch.bfloat16
    wanted = F.relu6(F.batch_norm(unit.convolved(x).detach(), None, None, training=True, eps=unit.norm.eps))
    assert float((found.float() - wanted).abs().max()) < 0.05


@pytest.mark.parametrize("expansion, kernel, outputs, stride", [
    (1, 3, 6, 1), (4, 5, 6, 1), (3, 7, 8, 2), (2, 3, 5, 1)])
def test_a_block_on_the_device_is_the_block(expansion, kernel, outputs, stride):
    block = seasoned(InvertedResidual(6, outputs, expansion, stride, kernel, LiteUnit), (9, 6, 11, 11))
    device, x, ranges = DeviceBlock.of(block, "b"), torch.rand(3, 6, 11, 11), Ranges()
    with torch.no_grad():
        assert torch.allclose(device.lay(ranges, x), block(x), atol=1e-4)
    skip = stride == 1 and outputs == 6
    names = ["b/widen"] * (expansion > 1) + ["b/space"] + ["b/narrow"] * skip + ["b"]
    assert [*ranges.found] == names


def graph_of(ranges_from):
    """Stem and one block with a skip, int8, on images like `ranges_from`."""
    stem = seasoned(LiteUnit(3, 8, 3, 2), (9, 3, 12, 12))
    with torch.no_grad():
        maps = stem(torch.rand(9, 3, 12, 12))
    block = seasoned(InvertedResidual(8, 8, 4, 1, 5, LiteUnit), maps.shape)
    first, device, ranges = convolution(stem, "stem"), DeviceBlock.of(block, "b"), Ranges()
    with torch.no_grad():
        wanted = device.lay(ranges, ranges.convolve(first, ranges_from))
    builder = GraphBuilder(ranges.found, 12, ["stem", "b/narrow", "b"])
    assert device.lay(builder, builder.convolve(first, "image")) == "b"
    return builder.graph, wanted


def test_the_sum_of_a_skip_is_the_rounded_sum_of_what_is_added():
    images = torch.randint(0, 256, (6, 12, 12, 3), dtype=torch.uint8)
    graph, float_sum = graph_of(data.to_float(images, 12))
    out = int8.run(graph, images.long() - 128)
    real = {name: (value - graph.tensors[name].zero_point).double() * float(graph.tensors[name].scale)
            for name, value in out.items()}
    total, tensor = real["stem"] + real["b/narrow"], graph.tensors["b"]
    exact = total / float(tensor.scale) + tensor.zero_point
    # To nearest of the exact sum of the int8 values, but for ties and what 20 bits behind the point lose.
    assert float((out["b"] - exact.clamp(-128, 127)).abs().max()) <= 0.501
    assert len(out["b"].unique()) > 50
    # And near the sum in float: within a few steps of both.
    wanted = float_sum.permute(0, 2, 3, 1)
    assert float((real["b"] - wanted).abs().mean()) < 3 * float(tensor.scale)


def test_a_block_bit_for_bit_as_tensorflow_computes_it(tmp_path):
    runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime")
    images = torch.randint(0, 256, (6, 12, 12, 3), dtype=torch.uint8)
    graph, _ = graph_of(data.to_float(images, 12))
    graph.outputs = ["b"]
    path = tmp_path / "graph.tflite"
    path.write_bytes(export_tflite.serialise(graph, "test"))
    interpreter = runtime.Interpreter.from_file(str(path))
    (found,) = int8.run(graph, images.long() - 128).values()
    for image, wanted in zip(images, found):
        interpreter.set_input((image[None].numpy().astype(np.int16) - 128).astype(np.int8), 0)
        interpreter.invoke()
        assert np.array_equal(interpreter.get_output(0)[0], wanted.numpy())


def test_the_bundle_is_the_network_alone(little):  # noqa: F811
    config, folder, manifest = made(little)
    assert config.folder == "digits/mcunet" and sorted(p.name for p in folder.iterdir()) == [
        "bundle.json", "device.tflite"]
    assert manifest["scheme"] == "mcunet" and [*manifest["graphs"]] == ["device"]
    assert manifest["paths"] == [{"name": "local", "device": "device", "exits": [
        {"name": "local", "where": "device", "tensor": "localLogits"}]}]
    assert manifest["input"] == {"width": 32, "height": 32, "resize": "none", "fit": "stretch"}
    dataset = dataset_of(little)
    body = mcunet.train(config, dataset, little / "out")
    trained = manifest["trained"]
    assert trained["accuracy"]["float"]["local"] == round(evaluate.accuracy(body, dataset), 2)
    graph = mcunet_export.device_graph(body, dataset)
    assert (folder / "device.tflite").read_bytes() == export_tflite.serialise(
        graph, "tiny-mcunet: the whole network")
    right = mcunet_export.answers(graph, dataset.test.images, 32) == dataset.test.labels
    assert trained["accuracy"]["int8"]["local"] == round(100 * float(right.float().mean()), 2)


def test_the_device_scales_its_image_where_the_search_says_so(little):  # noqa: F811
    _, folder, manifest = made(little, TEXT.replace("pad: 2", "pad: 2, side: 48").replace(
        "seed: 5", "seed: 5\nvariant: v48"))
    assert folder.name == "mcunet-v48"
    assert manifest["input"] == {"width": 48, "height": 48, "resize": "bilinear", "fit": "stretch"}


def test_eight_bits_answer_as_the_float_network(little):  # noqa: F811
    dataset = dataset_of(little)
    body = seasoned(mcunet.untrained(parsed().network, 10), (16, 3, 32, 32))
    graph = mcunet_export.device_graph(body, dataset)
    images = torch.cat([dataset.test.images, dataset.train.images])
    with torch.no_grad():
        logits = body(data.to_float(images, 32))
    same = mcunet_export.answers(graph, images, 32) == logits.argmax(1)
    assert float(same.float().mean()) > 0.85
    found = int8.run(graph, images.long() - 128)["localLogits"]
    tensor = graph.tensors["localLogits"]
    real = (found - tensor.zero_point).float() * float(tensor.scale)
    assert float((real - logits).norm() / logits.norm()) < 0.1


def test_a_backbone_of_other_classes_is_refused(little):  # noqa: F811
    from trainkit import lite

    backbone.save(lite.lite(32, 7), backbone.path_of("other"), {"body": "lite0", "side": 32})
    with pytest.raises(UserError, match="it has 7 classes"):
        made(little, TEXT.replace("backbone: little", "backbone: other"))
