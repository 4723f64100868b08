"""Arithmetic of the int8 graph against gemmlowp's own, written with Python's whole numbers."""

import random

import torch

from trainkit import int8


def doubled_high(a: int, b: int) -> int:
    """SaturatingRoundingDoublingHighMul, without the one case that saturates."""
    nudge = 1 << 30 if a * b >= 0 else 1 - (1 << 30)
    total = a * b + nudge
    return total // (1 << 31) if total >= 0 else -(-total // (1 << 31))


def divided_by_power(x: int, exponent: int) -> int:
    """RoundingDivideByPOT."""
    mask = (1 << exponent) - 1
    threshold = (mask >> 1) + (x < 0)
    return (x >> exponent) + ((x & mask) > threshold)


def test_multiplication_rounds_as_gemmlowp_does():
    draw = random.Random(1)
    cases = [(draw.randint(-(2**24), 2**24), draw.randint(2**30, 2**31 - 1), draw.randint(-31, 4))
             for _ in range(5000)]
    # Ties of both roundings, of both signs.
    cases += [(x << 8, 2**30, shift) for x in range(-70, 71) for shift in range(-12, 3)]
    cases += [(x, 2**30, shift) for x in (-3, -2, -1, 0, 1, 2, 3) for shift in (-2, -1, 0, 1)]
    wanted = [divided_by_power(doubled_high(x << max(shift, 0), multiplier), max(-shift, 0))
              for x, multiplier, shift in cases]
    x, multiplier, shift = (torch.tensor(column) for column in zip(*cases))
    assert int8.multiply(x, multiplier, shift).tolist() == wanted
