"""Alpha against closed forms and against trying every value."""

import pytest
import torch
import torch.nn.functional as F

from trainkit.mixing import best_alpha


def test_two_that_know_as_much_share_evenly():
    logits = torch.tensor([[2.0, 0.0], [0.0, 0.0], [-1.0, 0.5], [0.0, 0.0]])
    swapped = logits[[1, 0, 3, 2]]
    targets = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.2, 0.8]])
    assert best_alpha(logits, swapped, targets) == pytest.approx(0.5, abs=1e-3)


def test_a_mean_that_is_the_targets_own_logit_is_found():
    """Where the other says nothing, the least is where alpha * logit is the targets' log odds."""
    logits = torch.tensor([[4.0, 0.0]])
    odds = 0.3 * 4.0
    targets = torch.tensor([[odds, 0.0]]).softmax(1)
    assert best_alpha(logits, torch.zeros(1, 2), targets) == pytest.approx(0.3, abs=1e-3)
    assert best_alpha(torch.zeros(1, 2), logits, targets) == pytest.approx(0.7, abs=1e-3)


def test_no_other_alpha_is_better():
    torch.manual_seed(0)
    local, remote = torch.randn(200, 10), 2 * torch.randn(200, 10)
    targets = (local + 0.4 * remote + torch.randn(200, 10)).softmax(1)
    tried = torch.linspace(0.001, 0.999, 999)
    losses = [float(F.cross_entropy(a * local + (1 - a) * remote, targets)) for a in tried]
    assert best_alpha(local, remote, targets) == pytest.approx(
        float(tried[losses.index(min(losses))]), abs=2e-3)
