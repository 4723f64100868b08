import math

import torch

from trainkit.quantiser import Quantiser, code_lengths, entropy, nearest


def test_forward_gives_the_nearest_centre():
    quantiser = Quantiser(4, 1.0, top=3.0)
    values = torch.tensor([-1.0, 0.4, 0.6, 1.4, 2.6, 9.0]).view(1, 1, 2, 3)
    found, _ = quantiser(values)
    assert found.flatten().tolist() == [0.0, 0.0, 1.0, 1.0, 3.0, 3.0]
    assert nearest(torch.tensor([0.5]), quantiser.ascending()).item() == 0  # ties go down


def test_centres_out_of_order_still_quantise():
    quantiser = Quantiser(3, 1.0)
    with torch.no_grad():
        quantiser.centres.copy_(torch.tensor([2.0, 0.0, 1.0]))
    found, _ = quantiser(torch.tensor([[[[0.1, 0.9, 1.8]]]]))
    assert found.flatten().tolist() == [0.0, 1.0, 2.0]


def test_gradient_is_that_of_the_soft_assignment_and_the_rate():
    torch.manual_seed(1)
    quantiser = Quantiser(8, 1.0)
    values = (torch.rand(3, 2, 14, 15) * 6).requires_grad_(True)
    upstream = torch.randn_like(values)
    hard, bits = quantiser(values)
    # In this order: the rate's gradient is a part in thousands of the other one.
    (found_rate,) = torch.autograd.grad(bits, values, retain_graph=True)
    (hard * upstream).sum().backward()

    copy = values.detach().clone().requires_grad_(True)
    centres = quantiser.centres.detach().clone().requires_grad_(True)
    gap = 6 / 7
    p = torch.softmax(-((copy[..., None] - centres) ** 2) / gap**2, dim=-1)
    lengths = code_lengths(nearest(copy, centres), 8)
    soft_bits = (p.detach() * 0 + p) * lengths[None, :, None, None, :]
    soft = ((p * centres).sum(-1) * upstream).sum()
    expected, expected_centres = torch.autograd.grad(soft, [copy, centres], retain_graph=True)
    (rate,) = torch.autograd.grad(soft_bits.sum(-1).mean(), copy)
    # The backward pass tabulates the soft assignment at 2,048 points.
    torch.testing.assert_close(values.grad, expected, rtol=1e-2, atol=1e-2)
    greatest = float(rate.abs().max())
    assert greatest > 0
    torch.testing.assert_close(found_rate, rate, rtol=1e-2, atol=1e-2 * greatest)
    torch.testing.assert_close(quantiser.centres.grad, expected_centres, rtol=1e-2, atol=5e-2)


def test_lloyd_finds_separated_groups():
    quantiser = Quantiser(3, 1.0)
    values = torch.cat([torch.zeros(50), torch.full((40,), 2.0), torch.full((30,), 5.0)])
    quantiser.start_from(values)
    assert [round(c, 4) for c in quantiser.centres.tolist()] == [0.0, 2.0, 5.0]


def test_entropy_of_an_even_channel_is_its_bits():
    symbols = torch.arange(8).repeat(500).view(1, 1, 40, 100)
    assert math.isclose(entropy(symbols, 8), 3.0, abs_tol=1e-4)
