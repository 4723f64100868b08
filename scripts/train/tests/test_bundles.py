"""What the committed bundles say of themselves, recomputed from the batch saved beside each."""

import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from captum.attr import IntegratedGradients

from trainkit import saved_batch
from trainkit.attribution import channel_importance

MODELS = Path(__file__).resolve().parents[3] / "Config" / "models"
BATCHES = sorted(MODELS.glob(f"*/*/{saved_batch.NAME}"))


@pytest.mark.parametrize("path", BATCHES, ids=[str(p.parent.relative_to(MODELS)) for p in BATCHES])
def test_skewness_and_violations(path):
    trained = json.loads((path.parent / "bundle.json").read_text())["trained"]
    assert trained["skewness"] >= 100 * trained["rho"]
    # What is never sent must matter most; where all is sent, in that order, a violation costs little.
    assert trained["violations"] < 2 or trained["rho"] < 0.8
    method, steps = trained["importance"].split("-")
    found = saved_batch.recompute(path, trained["backbone"], method, int(steps))
    for name in ("skewness", "violations"):
        assert found[name] == pytest.approx(trained["savedBatch"][name], abs=0.02)

    # Somebody else's Integrated Gradients, with the published code's two-point rule.
    assert (method, steps) == ("trapezoid", "2")
    features, labels, k, body = saved_batch.read(path, trained["backbone"])
    attributions = IntegratedGradients(
        lambda x, y: F.cross_entropy(body(x), y, reduction="none")).attribute(
            features, additional_forward_args=(labels,), n_steps=2, method="riemann_trapezoid")
    importance = channel_importance(attributions.abs())
    with torch.no_grad():
        right = body(features).argmax(1) == labels
    captums = saved_batch.figures(importance, right, k)
    for name in ("skewness", "violations"):
        assert captums[name] == pytest.approx(found[name], abs=0.01)
