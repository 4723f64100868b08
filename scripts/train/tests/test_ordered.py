"""The `ordered` scheme: transform, stream, entry, stages, curve."""

import pytest
import torch

from test_training import final, same
from trainkit import backbone, curve, data, lite, loop, ordered, transform
from trainkit.body import plain
from trainkit.errors import MissingInput, UserError
from trainkit.schemes import Run, of
from trainkit.schemes import ordered as scheme
from trainkit.stream import FACTOR, LEVELS, REACH, Stream, drawn_units

TEXT = """
name: tiny
scheme: ordered
seed: 5
backbone: little
dataset: {name: digits, augment: crop, pad: 2}
network: {channels: 6, entry: 1, entryWidth: 8, localWidths: [4, 4]}
match: {epochs: 1, batch: 8}
joint: {epochs: 1, batch: 8, xaiShare: 0.25, important: 2}
local: {epochs: 1, batch: 8}
heldOut: 8
"""


@pytest.fixture
def little(root, monkeypatch):
    """An untrained Lite0 for 32x32 images, as a backbone's file."""
    monkeypatch.setattr(backbone, "FOLDER", root / "backbones")
    torch.manual_seed(6)
    backbone.save(lite.lite(32, 10), backbone.path_of("little"), {"body": "lite0", "side": 32})
    return root


def trained(root, out):
    config = scheme.parse(TEXT)
    dataset = data.hold_out(data.load("digits", root / "data"), config.heldOut)
    training = ordered.Training(config, dataset, root / out)
    for name in scheme.STAGES:
        getattr(training, name)()
    return training, dataset


def test_components_are_orthonormal_and_fall_in_variance():
    torch.manual_seed(1)
    smooth = torch.rand(50, 9, 9, 3).repeat_interleave(2, 1).repeat_interleave(2, 2)[:, :16, :16]
    images = (smooth * 255).to(torch.uint8)
    rows, mean = transform.principal_components(images, 4)
    assert torch.allclose(rows @ rows.t(), torch.eye(48, dtype=rows.dtype), atol=1e-9)
    blocks = (images.permute(0, 3, 1, 2).double() / 255).unfold(2, 4, 4).unfold(3, 4, 4)
    blocks = blocks.permute(0, 2, 3, 1, 4, 5).reshape(-1, 48)
    variances = ((blocks - mean) @ rows.t()).var(0)
    assert bool((variances[:-1] >= variances[1:] - 1e-9).all())
    assert torch.allclose(variances.sum(), blocks.var(0).sum())


def test_the_transform_starts_as_the_components(little):
    config = scheme.parse(TEXT)
    dataset = data.hold_out(data.load("digits", little / "data"), config.heldOut)
    model = ordered.Training(config, dataset, little / "out").model
    features = curve.features_of(model, dataset.train.images, 32)
    means = features.mean(dim=(0, 2, 3))
    spread = features.std(dim=(0, 2, 3))
    assert bool((means.abs() < 1e-5).all())
    assert bool((spread[:-1] >= spread[1:] - 1e-6).all())


@pytest.mark.parametrize("sizes", [(2.0, 2.0, 2.0, 2.0), (2.0, 0.3, 0.1, 0.02)])
def test_a_prefix_of_the_stream_is_what_the_receiver_makes_of_it(sizes):
    """Each channel's values by its units that came, whatever levels it has."""
    torch.manual_seed(2)
    stream = Stream(4, 0.1)
    features = torch.tensor(sizes)[:, None, None] * torch.randn(13, 4, 3, 3)
    stream.start_from(features)
    with torch.no_grad():
        stream.missing.copy_(torch.tensor([1.0, 2.0, 3.0, 4.0])[:, None, None])
    symbols = stream.symbols(features)
    order = [(level, channel) for level in range(LEVELS) for channel in range(4)
             if bool(stream.has(level)[channel])]
    assert stream.units == len(order) == (12 if sizes[1] == 2.0 else 9)
    steps = stream.steps(features).detach().clamp(-REACH, REACH)
    for units in range(stream.units + 1):
        with torch.no_grad():
            received, bits = stream(features, torch.full((13,), units))
        expected = torch.arange(1.0, 5.0)[None, :, None, None].repeat(13, 1, 3, 3)
        known = {}
        for level, channel in order[:units]:
            known[channel] = FACTOR * known.get(channel, 0) + symbols[level][:, channel]
            expected[:, channel] = FACTOR ** (LEVELS - 1 - level) * known[channel]
        assert torch.allclose(received / 0.1, expected, atol=1e-3)
        assert bool((bits >= 0).all()) and (units or float(bits.abs().max()) == 0)
    assert torch.allclose(received / 0.1, steps.round(), atol=1e-3)
    followed = [symbols[level][:, channel] for level, channel in order
                if level and bool(stream.has(level - 1)[channel])]
    assert all(int(rest.abs().max()) <= 1 for rest in followed)


def test_bits_are_the_densitys(monkeypatch):
    """Without noise the intervals of all fine values make up one."""
    stream = Stream(1, 1.0)
    stream.middle.data.fill_(0.3)
    stream.log_width.data.fill_(0.5)
    values = torch.arange(-60.0, 61.0)[None, None, None, :]
    probabilities = 2 ** -stream.code_length(values, 1.0).detach()
    assert abs(float(probabilities.sum()) - 1) < 1e-3
    coarse = 2 ** -stream.code_length(torch.arange(-60.0, 61.0, 3.0)[None, None, None], 3.0).detach()
    assert abs(float(coarse.sum()) - 1) < 1e-3


def test_cuts_are_drawn_from_all_there_are():
    torch.manual_seed(3)
    units = drawn_units(20000, 12)
    counts = torch.bincount(units, minlength=13)
    assert len(counts) == 13 and int(counts.min()) > 800
    assert 0.28 < float(counts[12]) / 20000 < 0.32


def test_a_longer_prefix_costs_no_less(little):
    training, dataset = trained(little, "out")
    model = training.model
    features = curve.features_of(model, dataset.train.images, 32)
    coder = curve.Coder(model.stream, features)
    sizes = coder.bytes_by_units(features)
    most = model.stream.units
    assert most <= 18 and sizes.shape == (32, most + 1) and float(sizes[:, 0].abs().max()) == 0
    assert bool((sizes[:, 1:] >= sizes[:, :-1]).all())


def test_a_coder_spends_the_entropy():
    """On values that it was fitted on, with all contexts alike, its bytes are the entropy."""
    torch.manual_seed(4)
    stream = Stream(1, 1.0)
    features = torch.randint(-1, 2, (4000, 1, 1, 1)).float()
    sizes = curve.Coder(stream, features).bytes_by_units(features)
    assert abs(float(sizes[:, 3].mean()) * 8 - 1.585) < 0.01


def test_stages_learn_what_is_theirs(little):
    training, _ = trained(little, "out")
    after_match, after_joint = final(little / "out", "match.pt"), final(little / "out", "joint.pt")
    last = training.model.state_dict()
    moved = lambda a, b: {name for name in a if not torch.equal(a[name], b[name])}
    assert any(name.startswith("remote.trunk") for name in moved(after_match, after_joint))
    assert all(name.startswith("local.") for name in moved(after_joint, last) - {"mixing"})
    statistics = [name for name in last if name.startswith("remote.trunk") and "running" in name]
    assert statistics and all(torch.equal(after_match[name], last[name]) for name in statistics)


@pytest.mark.parametrize("cut, seen", [(3, 3), (1000, None)])
def test_one_cut_alone_can_be_trained(little, cut, seen, monkeypatch):
    """Every image's stream ends there, or nowhere; `match` is the same as ever."""
    whole = scheme.parse(TEXT)
    config = scheme.parse(TEXT.replace("joint: {epochs: 1,", f"joint: {{epochs: 1, cut: {cut},"))
    assert config.fingerprint("match") == whole.fingerprint("match")
    assert config.fingerprint("joint") != whole.fingerprint("joint")
    dataset = data.hold_out(data.load("digits", little / "data"), config.heldOut)
    training = ordered.Training(config, dataset, little / "out")
    training.match()
    found, answer = set(), training.model.answer
    monkeypatch.setattr(training.model, "answer", lambda features, units: (
        found.update(units.tolist()), answer(features, units))[1])
    monkeypatch.setattr(ordered.curve, "quick", lambda *_: {})
    training.joint()
    assert found == {training.model.stream.units if seen is None else seen}


def test_the_local_stage_can_train_another_network(little):
    """It takes the place of the one before, whose stages it leaves as they are."""
    trained(little, "out")
    config = scheme.parse(TEXT.replace("local: {epochs: 1,",
                                       "local: {epochs: 1, widths: [3, 5, 7], strides: [1, 2, 2],"))
    dataset = data.hold_out(data.load("digits", little / "data"), config.heldOut)
    (little / "out" / "local.pt").unlink()
    training = ordered.Training(config, dataset, little / "out")
    for name in scheme.STAGES:
        getattr(training, name)()
    shapes = [tuple(layer.conv.weight.shape[:2]) for layer in training.model.local.convolutions]
    assert shapes == [(3, 6), (5, 3), (7, 5)]
    after_joint, last = final(little / "out", "joint.pt"), training.model.state_dict()
    assert all(torch.equal(after_joint[name], last[name]) for name in last
               if not name.startswith("local.") and name != "mixing")


def test_alpha_is_linear_in_logits_between_knots_and_refit_to_held_out_images(little):
    training, dataset = trained(little, "out")
    model = training.model
    with torch.no_grad():
        model.mixing.copy_(torch.arange(-6.0, 7.0))
        most = model.stream.units
        found = torch.logit(model.alpha(torch.arange(most + 1)))
    assert torch.allclose(found, torch.arange(most + 1) * 12 / most - 6, atol=1e-3)

    def loss():
        torch.manual_seed(8)
        units = torch.randint(0, most + 1, (len(dataset.held),))
        features = curve.features_of(model, dataset.held.images, 32)
        combined = curve.answers(model, features, units)[0]
        return float(torch.nn.functional.cross_entropy(combined, dataset.held.labels))

    before = loss()
    training.refit()
    assert loss() < before + 0.01


def test_a_stopped_run_resumes_to_the_very_same_weights(little, monkeypatch):
    trained(little, "whole")
    run, kills = loop.run, {"match": [2], "joint": [3], "local": [1]}

    def killed(stage, out):
        waiting = kills[stage.name]
        run(stage, out, stop_after=waiting.pop(0) if waiting else None)

    monkeypatch.setattr(loop, "run", killed)
    for _ in range(3):
        with pytest.raises(loop.Stopped):
            trained(little, "broken")
    trained(little, "broken")
    for name in scheme.STAGES:
        assert same(final(little / "whole", f"{name}.pt"), final(little / "broken", f"{name}.pt"))


def test_match_depends_on_the_first_layers_alone(little):
    """A backbone whose later layers went on learning finds its match, and its own trunk in it."""
    config = scheme.parse(TEXT)
    dataset = data.hold_out(data.load("digits", little / "data"), config.heldOut)
    ordered.Training(config, dataset, little / "out").match()
    before = final(little / "out", "match.pt")
    body = backbone.rebuild("little")
    with torch.no_grad():
        body.trunk[5].units[0].norm.weight += 1
    backbone.save(body, backbone.path_of("little"), backbone.about("little"))
    training = ordered.Training(config, dataset, little / "out")
    training.match()
    after = training.model.state_dict()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert "remote.trunk.5.units.0.norm.weight" in moved
    assert all(name.startswith("remote.trunk.") for name in moved)
    with torch.no_grad():
        body.trunk[0].units[0].norm.weight += 1
    backbone.save(body, backbone.path_of("little"), backbone.about("little"))
    with pytest.raises(UserError, match="belongs to another configuration"):
        ordered.Training(config, dataset, little / "out").match()


@pytest.mark.parametrize("old, new, message", [
    ("channels: 6", "channels: 0", "network.channels: from 1 to 48"),
    ("entry: 1", "entry: 16", "network.entry: from 0 to 15"),
    ("important: 2", "important: 6", "joint.important"),
    ("important: 2", "important: 2, cut: -1", "joint.cut: from 0"),
    ("heldOut: 8", "heldOut: 0", "heldOut: from 1"),
    ("heldOut: 8", "remoteArithmetic: int4", "remoteArithmetic: 'int4' is not one of int8, float"),
    ("seed: 5", "seed: 5\nvariant: a/b", "variant: 'a/b' is not a word"),
    ("match: {epochs: 1,", "match: {epochs: 0,", "match.epochs: from 1"),
    ("localWidths: [4, 4]", "localWidths: [4]", "one for each of network.localWidths"),
    ("local: {epochs: 1,", "local: {epochs: 1, widths: [4, 4],", "local.strides: one for each"),
    ("local: {epochs: 1,", "local: {epochs: 0, widths: [4], strides: [2],", "local.widths: a new"),
    ("batch: 8}", "batch: 8, rateWieght: 1}", "did you mean rateWeight"),
])
def test_configurations_that_cannot_be(old, new, message):
    with pytest.raises(UserError, match=message):
        scheme.parse(TEXT.replace(old, new, 1))


def test_features_that_no_entry_takes(little):
    backbone.save(lite.lite(96, 10), backbone.path_of("little"), {"body": "lite0", "side": 96})
    with pytest.raises(UserError, match="no entry brings features of 8x8 to 3x3"):
        scheme.check(scheme.parse(TEXT.replace("entry: 1", "entry: 15")))
    assert of(TEXT, "x") is scheme


def test_backbones_that_do_not_serve(little):
    """One line each, before anything is trained."""
    backbone.save(plain(3, 32, [8, 12], 10), backbone.path_of("flat"))
    with pytest.raises(UserError, match="backbone flat: no Lite0"):
        scheme.check(scheme.parse(TEXT.replace("backbone: little", "backbone: flat")))
    with pytest.raises(MissingInput, match="no configuration .*absent.yaml"):
        scheme.check(scheme.parse(TEXT.replace("backbone: little", "backbone: absent")))
    backbone.save(lite.lite(32, 7), backbone.path_of("little"), {"body": "lite0", "side": 32})
    run = Run(little / "data", little, little / "out", little / "models", "", None)
    with pytest.raises(UserError, match="backbone little: it has 7 classes, and digits 10"):
        scheme.train(scheme.parse(TEXT), run)


def test_a_whole_run(little):
    run = Run(little / "data", little, little / "out", little / "models", "train.py", None)
    scheme.train(scheme.parse(TEXT), run)
    assert {p.name for p in (little / "models").iterdir()} == {
        "bundle.json", "device.tflite", "importance.npz", "remote.onnx"}


def test_what_is_kept_is_never_sent_and_all_that_the_local_network_sees(little):
    text = TEXT.replace("channels: 6,", "channels: 6, kept: 2,")
    config = scheme.parse(text)
    dataset = data.hold_out(data.load("digits", little / "data"), config.heldOut)
    training = ordered.Training(config, dataset, little / "kept")
    every = training.model.stream.units
    for name in scheme.STAGES:
        getattr(training, name)()
    model, stream = training.model.eval(), training.model.stream
    assert stream.kept == 2 and stream.units < every
    features = curve.features_of(model, dataset.test.images, 32)
    whole = torch.full((len(features),), stream.units)
    received, bits = stream(features, whole)
    assert bool((received[:, :2] == 0).all()) and bool((received[:, 2:] != 0).any())
    changed = features.clone()
    changed[:, :2] += 1
    _, same_bits = stream(changed, whole)
    assert torch.allclose(stream(changed, whole)[0], received)
    assert torch.equal(model.local_answer(features)[:, :3],
                       model.local_answer(torch.cat([features[:, :2], features[:, 2:] * 2], 1))[:, :3])
    assert not torch.equal(model.local_answer(changed), model.local_answer(features))
    # Importance is that of all channels: the reference network was matched before anything was kept.
    importance, _ = training.attributor().importance(features, dataset.test.labels)
    assert bool((importance[:, :2] > 0).any())


def test_a_kept_channel_is_in_the_graph_and_not_in_the_tables(little):
    from trainkit import int8, ordered_device

    config = scheme.parse(TEXT.replace("channels: 6,", "channels: 6, kept: 2,"))
    dataset = data.hold_out(data.load("digits", little / "data"), config.heldOut)
    training = ordered.Training(config, dataset, little / "kept-graph")
    for name in scheme.STAGES:
        getattr(training, name)()
    model = training.model.eval()
    table = ordered_device.units(model)
    assert {unit.channel for unit in table} == {2, 3, 4, 5} and len(table) == model.stream.units
    graph = ordered_device.graph(model, dataset)
    images = dataset.test.images[:20]
    outputs = int8.run(graph, images.long() - 128)
    logits = graph.tensors["localLogits"]
    found = (outputs["localLogits"] - logits.zero_point).float() * float(logits.scale)
    with torch.no_grad():
        wanted = model.local_answer(curve.features_of(model, images, 32))
    assert float((found - wanted).abs().max()) < 0.15 * float(wanted.abs().max()) + 0.1


def test_kept_channels_have_a_limit():
    with pytest.raises(UserError, match="network.kept: at least 0, and fewer than network.channels"):
        scheme.parse(TEXT.replace("channels: 6,", "channels: 6, kept: 6,"))
