"""Feature importance by the frozen reference network, and its exact gradient (paper 3.2).

With g(f) the gradient of the reference network's cross-entropy with respect to the features f,
the attributions are

- Integrated Gradients from a zero baseline: |f * sum_i w_i g(a_i f)| for the points a_i and
  weights w_i of a rule. The published code's is the two-point trapezoid, |f * (g(0) + g(f)) / 2|.
- Gradient Saliency: |g(f)|.

A channel's importance is the sum of its attributions over its positions, normalised over all
channels to one.

The gradient of a loss on these needs the second derivative of the cross-entropy. The reference
network is piecewise linear, so with J its Jacobian and p its softmax the Hessian is
J'(diag(p) - pp')J: one forward-mode product J v, a product with a 10x10 matrix, and one ordinary
backward pass. No double backward is made.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

FLOOR = 1e-20


def rule(method: str, steps: int) -> list[tuple[float, float]]:
    """(a_i, w_i): where the gradient is taken, as a share of the features, and its weight."""
    if method == "trapezoid":
        points = np.linspace(0.0, 1.0, steps)
        weights = np.full(steps, 1.0 / (steps - 1))
        weights[[0, -1]] /= 2
    elif method == "gauss":
        points, weights = np.polynomial.legendre.leggauss(steps)
        points, weights = (points + 1) / 2, weights / 2
    elif method == "saliency":
        points, weights = [1.0], [1.0]
    else:
        raise ValueError(f"no attribution method {method}")
    return [(float(a), float(w)) for a, w in zip(points, weights)]


def loss_gradient(network, features: torch.Tensor, labels: torch.Tensor):
    """-> g [B,C,H,W], logits [B,classes] (attached to the leaf), the leaf."""
    with torch.enable_grad():
        leaf = features.detach().requires_grad_(True)
        logits = network(leaf)
        cross_entropy = F.cross_entropy(logits, labels, reduction="sum")
        (gradient,) = torch.autograd.grad(cross_entropy, leaf, retain_graph=True)
    return gradient, logits, leaf


def baseline_gradients(network, shape: tuple[int, int, int], classes: int) -> torch.Tensor:
    """g(0) for each label: [classes,C,H,W]. It depends on the label alone, so it is kept."""
    dtype = next(network.parameters()).dtype
    labels = torch.arange(classes)
    return loss_gradient(network, torch.zeros(classes, *shape, dtype=dtype), labels)[0]


def combine(method: str, features: torch.Tensor, weighted: torch.Tensor) -> torch.Tensor:
    """The attributions [B,C,H,W] from the features and the weighted sum of gradients."""
    return weighted.abs() if method == "saliency" else (features * weighted).abs()


def channel_importance(attributions: torch.Tensor) -> torch.Tensor:
    """[B,C,H,W] -> [B,C], each row summing to one."""
    channels = attributions.sum(dim=(2, 3))
    return channels / channels.sum(dim=1, keepdim=True).clamp_min(FLOOR)


@dataclass
class Attributor:
    """Attributions of one frozen network. `network` is in evaluation mode, batch norm folded."""

    network: torch.nn.Module
    method: str
    steps: int
    baseline: torch.Tensor

    @classmethod
    def make(cls, network, method: str, steps: int, shape, classes: int) -> "Attributor":
        return cls(network, method, steps, baseline_gradients(network, shape, classes))

    def _gradients(self, features: torch.Tensor, labels: torch.Tensor):
        """The weighted sum of gradients, the logits at the features themselves if the rule
        visits them (else None), and what the second order needs: (a, w, leaf, logits)."""
        weighted, tapes, at_features = torch.zeros_like(features), [], None
        for a, w in rule(self.method, self.steps):
            if a == 0.0:
                weighted += w * self.baseline[labels]
                continue
            gradient, logits, leaf = loss_gradient(self.network, a * features.detach(), labels)
            weighted += w * gradient
            tapes.append((a, w, leaf, logits))
            if a == 1.0:
                at_features = (logits, gradient)
        if at_features is None:
            gradient, logits, _ = loss_gradient(self.network, features, labels)
            at_features = (logits, gradient)
        return weighted, tapes, at_features

    def importance(self, features: torch.Tensor, labels: torch.Tensor):
        """-> channel importance [B,C], whether the network is right [B]. No gradient."""
        weighted, _, (logits, _) = self._gradients(features, labels)
        attributions = combine(self.method, features.detach(), weighted)
        return channel_importance(attributions), logits.argmax(1) == labels

    def loss(self, features: torch.Tensor, labels: torch.Tensor, objective, anchor: float = 0.0):
        """`objective(importance [B,C], right [B]) -> scalar`, as a function of the features
        with its exact gradient, second order included; plus `anchor` times the mean
        cross-entropy of the network on these features, whose gradient is at hand anyway.

        -> the loss, importance [B,C], right [B]
        """
        weighted, tapes, (logits, gradient) = self._gradients(features, labels)
        right = logits.argmax(1) == labels
        with torch.enable_grad():
            value = features.detach().requires_grad_(True)
            leaf = weighted.detach().requires_grad_(True)
            importance = channel_importance(combine(self.method, value, leaf))
            result = objective(importance, right)
            v, direct = torch.autograd.grad(result, [leaf, value], allow_unused=True)
        total = torch.zeros_like(features) if direct is None else direct
        for a, w, point, point_logits in tapes:
            total = total + a * w * hessian_product(self.network, point, point_logits, v)
        result = result.detach()
        if anchor:
            total = total + (anchor / len(labels)) * gradient
            result = result + anchor * F.cross_entropy(logits.detach(), labels)
        return Surrogate.apply(features, result, total), importance.detach(), right


def hessian_product(network, point, logits, v) -> torch.Tensor:
    """H v for the Hessian of the cross-entropy at `point`, the graph of `logits` still alive."""
    _, t = torch.func.jvp(network, (point.detach(),), (v,))
    p = logits.detach().softmax(1)
    w = p * t - p * (p * t).sum(1, keepdim=True)
    (product,) = torch.autograd.grad(logits, point, w)
    return product


class Surrogate(torch.autograd.Function):
    """A scalar whose gradient with respect to the features is already known."""

    @staticmethod
    def forward(ctx, features, value, gradient):
        ctx.save_for_backward(gradient)
        return value.clone()

    @staticmethod
    def backward(ctx, upstream):
        (gradient,) = ctx.saved_tensors
        return upstream * gradient, None, None
