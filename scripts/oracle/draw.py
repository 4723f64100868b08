"""Seeded choices from which the models are made."""

import math

import numpy as np
import tflite

from model_writer import ModelWriter, Quantisation

ACTIVATIONS = ("NONE", "RELU", "RELU6")


class Draw:
    """The random choices of one model.

    `cycle` walks through every combination of a few properties as the variant counts up, so that
    none is left to chance; the other methods are random.
    """

    def __init__(self, seed, operator, variant, attempt):
        # Every fifth variant has scales and zero points far from what training yields.
        self.is_extreme = variant % 5 == 4
        self.random = np.random.default_rng(
            [seed, *operator.encode(), variant, attempt])
        self.variant = variant
        self._digits = variant

    def cycle(self, options):
        choice = options[self._digits % len(options)]
        self._digits //= len(options)
        return choice

    def choice(self, options):
        return options[int(self.random.integers(len(options)))]

    def integer(self, low, high):
        """Uniform, both ends included."""
        return int(self.random.integers(low, high + 1))

    def chance(self, probability):
        return bool(self.random.random() < probability)

    def log_uniform(self, low, high):
        return math.exp(self.random.uniform(math.log(low), math.log(high)))

    def activation(self):
        name = self.cycle(ACTIVATIONS)
        return name, getattr(tflite.ActivationFunctionType, name)

    def padding(self):
        name = self.cycle(("SAME", "VALID"))
        return name, getattr(tflite.Padding, name)

    def zero_point(self):
        if self.is_extreme or self.chance(0.2):
            return self.choice((-128, 127, 0, -127, 126))
        return self.integer(-128, 127)

    def scale(self):
        return self.log_uniform(1e-6, 1e3) if self.is_extreme else self.log_uniform(2e-3, 0.3)

    def quantisation(self):
        return Quantisation(np.float32(self.scale()), self.zero_point())

    def output_quantisation(self, accumulator_scale, spread):
        """A scale under which accumulators of the given spread fill the int8 range now less, now
        more than whole; in extreme variants far off it."""
        factor = self.log_uniform(1e-3, 1e2) if self.is_extreme else self.log_uniform(0.4, 3)
        return Quantisation(np.float32(accumulator_scale * spread / 60 * factor), self.zero_point())

    def int8(self, shape, low=-128):
        return self.random.integers(low, 128, size=shape).astype(np.int8)

    def shape(self, rank, low=1, high=7):
        return tuple(self.integer(low, high) for _ in range(rank))

    def image(self, low=1, high=11):
        """A batch of images; now and then of more than one, or with channels enough for loops
        that take many at once."""
        batch = 2 if self.chance(0.15) else 1
        channels = self.integer(10, 40) if self.chance(0.3) else self.integer(1, 9)
        return (batch, self.integer(low, high), self.integer(low, high), channels)

    def sample(self, tensor, kind):
        """An input for a tensor. Kinds: uniform values, the least, the greatest, only those two,
        and values around the zero point."""
        shape = tensor.shape
        if tensor.dtype == np.float32:
            return self._real_sample(tensor, kind)
        limits = np.iinfo(tensor.dtype)
        if kind == "least":
            values = np.full(shape, limits.min)
        elif kind == "greatest":
            values = np.full(shape, limits.max)
        elif kind == "extremes":
            values = self.random.choice([limits.min, limits.max], size=shape)
        elif kind == "small":
            centre = 0 if tensor.quantisation is None else int(tensor.quantisation.zero_points[0])
            values = np.clip(centre + self.random.integers(-3, 4, size=shape), limits.min, limits.max)
        else:
            values = self.random.integers(limits.min, limits.max + 1, size=shape)
        return values.astype(tensor.dtype)

    def _real_sample(self, tensor, kind):
        """Reals for a tensor that is then quantised."""
        reach = tensor.reach
        if kind == "least":
            values = np.full(tensor.shape, -1e4 * reach)
        elif kind == "greatest":
            values = np.full(tensor.shape, 1e4 * reach)
        elif kind == "extremes":
            values = self.random.choice([-2 * reach, 2 * reach, 0.0], size=tensor.shape)
        elif kind == "small":
            # Halves of a step: where rounding has to choose.
            values = self.random.integers(-256, 257, size=tensor.shape) * (reach / 256)
        else:
            values = self.random.uniform(-1.2 * reach, 1.2 * reach, size=tensor.shape)
        return values.astype(np.float32)


SAMPLE_KINDS = ("uniform", "uniform", "least", "uniform", "greatest", "extremes", "small", "uniform")


class Case:
    """A model, its inputs and outputs, and a line that describes it."""

    def __init__(self, writer: ModelWriter, inputs, outputs, description):
        self.model = writer.write(inputs, outputs)
        self.inputs = inputs
        self.outputs = outputs
        self.description = description


def extent(shape):
    return "x".join(str(d) for d in shape) or "scalar"
