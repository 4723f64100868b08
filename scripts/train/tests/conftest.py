import sys
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path[:0] = [str(Path(__file__).resolve().parents[level]) for level in (0, 1)]
torch.set_num_threads(1)


@pytest.fixture
def body():
    """A small reference network with batch norm that has seen data, folded and frozen."""
    from trainkit.fold import folded_body
    from trainkit.body import plain

    torch.manual_seed(3)
    network = plain(6, 16, [8, 12], 5)
    for _ in range(5):
        network(torch.rand(16, 6, 16, 16) * 3)
    # Scales of both signs, which a pool must not mistake.
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.weight)
    return folded_body(network.eval())


@pytest.fixture
def features():
    torch.manual_seed(4)
    return torch.rand(7, 6, 16, 16) * 2


@pytest.fixture
def labels():
    return torch.tensor([0, 1, 2, 3, 4, 0, 1])


@pytest.fixture
def tiny_backbone(tmp_path, monkeypatch):
    """Weights of a small backbone, as if it had been trained."""
    from trainkit import backbone
    from trainkit.body import plain

    monkeypatch.setattr(backbone, "FOLDER", tmp_path / "backbones")
    torch.manual_seed(9)
    body = plain(3, 32, [8, 12], 10)
    for _ in range(3):
        body(torch.rand(8, 3, 32, 32))
    backbone.save(body.eval(), backbone.path_of("tiny"))
    return body


@pytest.fixture
def root(tmp_path):
    """A folder with a data set of 40 images in CIFAR's layout under data/."""
    folder = tmp_path / "data" / "digits"
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    for name, count in (("digits-train.bin", 40), ("digits-test.bin", 16)):
        records = random.integers(0, 256, (count, 3073), dtype=np.uint8)
        records[:, 0] = np.arange(count) % 10
        records.tofile(folder / name)
    return tmp_path


@pytest.fixture
def aligned(root, monkeypatch):
    """Called with a configuration and a data set: trains up to the joint training; -> stage 1's
    networks and the weights that align ended with."""
    from trainkit import checkpoint, loop, stages

    run = loop.run

    def until_joint(stage, out):
        if stage.name == "joint":
            raise loop.Stopped
        run(stage, out)

    def train(parsed, dataset):
        stage1 = stages.train_reference(parsed, dataset, root / "out")
        monkeypatch.setattr(loop, "run", until_joint)
        with pytest.raises(loop.Stopped):
            stages.train_jointly(parsed, dataset, stage1, root / "out")
        return stage1, checkpoint.read(root / "out" / "align.pt")["module"]

    return train
