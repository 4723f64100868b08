"""Muon: momentum whose update is brought near to an orthogonal matrix (Jordan and others, 2024).

For convolutions that a batch norm follows, whose scale is free: each step also sets the norm of a
layer's weights to the square root of its number of filters, so that the rate keeps its meaning.
"""

import torch

# The quintic of the Newton-Schulz iteration, steep at zero: it brings singular values near one in
# few steps instead of converging.
QUINTIC = (3.4445, -4.7750, 2.0315)


def orthogonalised(matrix: torch.Tensor, steps: int = 3) -> torch.Tensor:
    """[rows,columns] -> about U V' of its singular value decomposition U S V'."""
    a, b, c = QUINTIC
    x = matrix / (matrix.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.t()
    for _ in range(steps):
        square = x @ x.t()
        x = a * x + (b * square + c * square @ square) @ x
    return x.t() if tall else x


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, lr: float = 0.0, momentum: float = 0.6):
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(weight.grad)
                buffer = state["momentum"].mul_(group["momentum"]).add_(weight.grad)
                update = weight.grad.add(buffer, alpha=group["momentum"])
                direction = orthogonalised(update.reshape(len(update), -1))
                weight.mul_(len(weight) ** 0.5 / weight.norm())
                weight.add_(direction.reshape(update.shape), alpha=-group["lr"])
