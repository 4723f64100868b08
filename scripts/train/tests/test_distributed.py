"""Two processes on a CPU against one."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from trainkit import checkpoint, distributed
from trainkit.errors import UserError

ENTRY = Path(__file__).resolve().parents[1] / "backbone.py"
# At rates so low that what rounding does differently does not grow from step to step.
TEXT = """
name: pair
seed: 3
dataset: {name: digits, augment: crop, pad: 2}
widths: [8, 12]
training: {epochs: 2, batch: 20, peakRate: 0.005, muonRate: 0, labelSmoothing: 0.1}
"""


def run(root, out: str, *start: str):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *start, ENTRY, root / "pair.yaml", "--data", root / "data", "--device", "cpu",
         "--out", root / out, "--weights", root / f"{out}.npz"],
        capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    with open(root / out / "backbone.csv", newline="") as file:
        losses = [float(row["loss"]) for row in csv.DictReader(file)]
    return losses, checkpoint.read(root / out / "backbone.pt")["module"]


def test_two_processes_give_the_losses_and_weights_of_one(root):
    (root / "pair.yaml").write_text(TEXT)
    alone, weights = run(root, "alone")
    together, others = run(root, "together", "-m", "torch.distributed.run", "--standalone",
                           "--nproc-per-node", "2")
    assert len(alone) == 2 and alone == pytest.approx(together, abs=1e-5)
    assert (root / "together.npz").is_file()
    for name, tensor in weights.items():
        assert torch.allclose(tensor.float(), others[name].float(), atol=1e-4), name


def test_a_batch_that_does_not_spread(monkeypatch):
    monkeypatch.setattr(distributed, "size", lambda: 3)
    with pytest.raises(UserError, match="a batch of 64 does not spread over 3 processes"):
        distributed.part(64)
