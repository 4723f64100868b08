import copy

import pytest
import torch
import torch.nn.functional as F
from captum.attr import IntegratedGradients, Saliency

from trainkit import losses
from trainkit.attribution import Attributor, channel_importance, combine, rule

SHAPE, CLASSES = (6, 16, 16), 5


def attributions(body, features, labels, method, steps):
    attributor = Attributor.make(body, method, steps, SHAPE, CLASSES)
    weighted, _, _ = attributor._gradients(features, labels)
    return combine(method, features, weighted)


def cross_entropy(body, labels):
    def forward(x, repeated):
        return F.cross_entropy(body(x), repeated, reduction="none")

    return forward


@pytest.mark.parametrize("steps", [2, 16])
def test_gauss_agrees_with_captum(body, features, labels, steps):
    expected = IntegratedGradients(cross_entropy(body, labels)).attribute(
        features, baselines=0.0, additional_forward_args=(labels,),
        n_steps=steps, method="gausslegendre").abs()
    found = attributions(body, features, labels, "gauss", steps)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4 * float(expected.max()))


def test_two_point_trapezoid_is_the_published_form(body, features, labels):
    def g(x):
        x = x.clone().requires_grad_(True)
        return torch.autograd.grad(F.cross_entropy(body(x), labels, reduction="sum"), x)[0]

    expected = (0.5 * (g(torch.zeros_like(features)) + g(features)) * features).abs()
    found = attributions(body, features, labels, "trapezoid", 2)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


def test_saliency_agrees_with_captum(body, features, labels):
    expected = Saliency(cross_entropy(body, labels)).attribute(
        features.clone().requires_grad_(True), additional_forward_args=(labels,))
    found = attributions(body, features, labels, "saliency", 1)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


def test_importance_is_a_distribution_over_channels(body, features, labels):
    importance, right = Attributor.make(body, "trapezoid", 2, SHAPE, CLASSES).importance(
        features, labels)
    assert importance.shape == (7, 6) and right.shape == (7,)
    torch.testing.assert_close(importance.sum(1), torch.ones(7))


@pytest.mark.parametrize("method, steps", [
    ("trapezoid", 2), ("trapezoid", 4), ("gauss", 3), ("saliency", 1)])
def test_second_order_agrees_with_double_backward(body, features, labels, method, steps):
    """The recipe's gradient of the importance loss against autograd through autograd."""
    body, features = copy.deepcopy(body).double(), features.double()
    attributor = Attributor.make(body, method, steps, SHAPE, CLASSES)
    objective = losses.importance_loss(2, 0.8)
    # All samples count here: right or wrong is no matter of gradients.
    everything = torch.ones(len(labels), dtype=torch.bool)

    def all_count(importance, right):
        return objective(importance, everything)

    leaf = features.clone().requires_grad_(True)
    value, _, _ = attributor.loss(leaf, labels, all_count, anchor=0.3)
    (found,) = torch.autograd.grad(value, leaf)

    leaf = features.clone().requires_grad_(True)
    weighted = torch.zeros_like(leaf)
    for a, w in rule(method, steps):
        if a == 0.0:
            weighted = weighted + w * attributor.baseline[labels]
            continue
        point = a * leaf
        loss = F.cross_entropy(body(point), labels, reduction="sum")
        weighted = weighted + w * torch.autograd.grad(loss, point, create_graph=True)[0]
    expected_value = all_count(
        channel_importance(combine(method, leaf, weighted)), None
    ) + 0.3 * F.cross_entropy(body(leaf), labels)
    (expected,) = torch.autograd.grad(expected_value, leaf)
    torch.testing.assert_close(value.detach(), expected_value.detach())
    assert float((found - expected).abs().max()) <= 1e-5 * float(expected.abs().max())
