"""Muon's update against its closed form."""

import torch

from trainkit.muon import Muon, orthogonalised


def test_muon_brings_singular_values_near_one():
    torch.manual_seed(0)
    for shape in ((6, 40), (40, 6)):
        values = torch.linalg.svdvals(orthogonalised(torch.randn(shape), steps=5))
        assert float(values.min()) > 0.5 and float(values.max()) < 1.3


def test_a_step_sets_the_norm_and_moves_against_the_gradient():
    torch.manual_seed(1)
    weight = torch.nn.Parameter(torch.randn(6, 2, 3, 3) * 5)
    before = weight.detach().clone()
    optimizer = Muon([weight], lr=0.1, momentum=0.6)
    gradients = [torch.randn_like(weight) for _ in range(2)]
    momentum = torch.zeros_like(before)
    for gradient in gradients:
        weight.grad = gradient.clone()
        optimizer.step()
        momentum = 0.6 * momentum + gradient
        u, _, v = torch.linalg.svd((gradient + 0.6 * momentum).reshape(6, -1), full_matrices=False)
        before = before * 6**0.5 / before.norm() - 0.1 * (u @ v).reshape(before.shape)
    # Three steps of the iteration bring singular values near one, not onto it.
    moved = weight.detach() - before
    assert float(moved.norm() / before.norm()) < 0.1
    exact = orthogonalised(gradients[0].reshape(6, -1), steps=3)
    values = torch.linalg.svdvals(exact)
    assert float(values.min()) > 0.3 and float(values.max()) < 1.3
