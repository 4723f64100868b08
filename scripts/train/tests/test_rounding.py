"""The rounding quantiser and its logistic prior against closed forms."""

import math

import torch

from trainkit.rounding import FINENESS, RoundingQuantiser


def test_forward_rounds_to_steps_and_backward_passes_through():
    quantiser = RoundingQuantiser(1, 3)
    quantiser.step.fill_(0.5)
    values = torch.tensor([-9.0, -0.3, 0.2, 0.3, 1.1, 9.0]).view(1, 1, 2, 3).requires_grad_(True)
    found, _ = quantiser(values)
    assert found.flatten().tolist() == [-1.5, -0.5, 0.0, 0.5, 1.0, 1.5]
    assert torch.equal(quantiser.symbols(values).flatten(), torch.tensor([0, 2, 3, 4, 5, 6]))
    found.sum().backward()
    # What is held at an end has no gradient.
    assert values.grad.flatten().tolist() == [0.0, 1.0, 1.0, 1.0, 1.0, 0.0]


def test_bits_are_those_of_the_logistic_distribution():
    quantiser = RoundingQuantiser(2, 8)
    with torch.no_grad():
        quantiser.middle.copy_(torch.tensor([0.5, -1.0]).view(2, 1, 1))
        quantiser.log_width.copy_(torch.tensor([0.0, 0.7]).view(2, 1, 1))
    steps = torch.tensor([[2.0, -1.0], [0.0, 3.0]]).view(1, 2, 1, 2)
    expected = 0.0
    for channel, (middle, width) in enumerate(((0.5, 1.0), (-1.0, math.exp(0.7)))):
        for value in steps[0, channel].flatten().tolist():
            def cumulative(x):
                return 1 / (1 + math.exp(-(x - middle) / width))
            expected -= math.log2(cumulative(value + 0.5) - cumulative(value - 0.5)) / 4
    assert math.isclose(float(quantiser.bits(steps)), expected, rel_tol=1e-5)


def test_start_fits_step_and_prior_to_the_sample():
    torch.manual_seed(2)
    scale = torch.tensor([1.0, 4.0]).view(1, 2, 1, 1)
    uniform = torch.rand(50, 2, 20, 20).clamp(1e-4, 1 - 1e-4)
    sample = scale * torch.logit(uniform) + torch.tensor([0.0, 2.0]).view(1, 2, 1, 1)
    quantiser = RoundingQuantiser(2, 16)
    quantiser.start_from(sample)
    assert math.isclose(float(quantiser.step), float(sample.std()) / FINENESS, rel_tol=1e-5)
    widths = (quantiser.log_width.exp() * quantiser.step).flatten()
    torch.testing.assert_close(widths, torch.tensor([1.0, 4.0]), rtol=0.05, atol=0)
    middles = (quantiser.middle * quantiser.step).flatten()
    torch.testing.assert_close(middles, torch.tensor([0.0, 2.0]), rtol=0.1, atol=0.1)
