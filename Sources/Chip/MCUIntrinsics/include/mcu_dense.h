/* One row of a fully connected layer. */
#ifndef MCU_DENSE_H
#define MCU_DENSE_H

#include "mcu_requantise.h"

/* `depth` inputs, and what is added to each output's sum. */
typedef struct {
  const int8_t *x;
  ptrdiff_t depth;
  int32_t offset, common;
} mcu_inputs;

/* The products of the inputs from `from` on with a row of weights, summed. */
MCU_INLINE int32_t mcu_dense_sum(mcu_inputs inputs, ptrdiff_t from, const int8_t *weights) {
  int32_t sum = 0;
#pragma clang loop unroll(disable)
  for (ptrdiff_t i = from; i < inputs.depth; i++) {
    sum = mcu_add(sum, (inputs.x[i] + inputs.offset) * weights[i]);
  }
  return sum;
}

/* Plain C: outputs from `output` on, one after another. */
MCU_INLINE void mcu_dense_portable(
    mcu_inputs inputs, const int8_t *weights, ptrdiff_t output, ptrdiff_t outputs,
    const mcu_channel *channels, mcu_range range, int8_t *results) {
#pragma clang loop unroll(disable)
  for (; output < outputs; output++) {
    int32_t sum = mcu_dense_sum(inputs, 0, weights + output * inputs.depth);
    results[output] = mcu_finish(mcu_add(sum, inputs.common), channels + output, range);
  }
}

#if defined(MCU_USES_DSP)
/* sum + the four products of the bytes at weights with even and odd inputs. */
MCU_INLINE int32_t mcu_multiply4(
    int32_t sum, int16x2_t even, int16x2_t odd, const int8_t *weights) {
  uint32_t word = mcu_load4(weights);
  return __smlad(odd, mcu_odd_bytes(word), __smlad(even, __sxtb16(word), sum));
}

/* Four outputs at a time share what they read of the inputs. */
MCU_INLINE void mcu_dense_dsp(
    mcu_inputs inputs, const int8_t *weights, ptrdiff_t outputs, const mcu_channel *channels,
    mcu_range range, int8_t *results) {
  int16x2_t offsets = mcu_both_halves(inputs.offset);
  ptrdiff_t depth = inputs.depth, whole = depth & ~(ptrdiff_t)3, output = 0;
#pragma clang loop unroll(disable)
  for (; output + 4 <= outputs; output += 4) {
    const int8_t *first = weights + output * depth;
    const int8_t *second = first + depth, *third = second + depth, *fourth = third + depth;
    int32_t a = inputs.common, b = a, c = a, d = a;
#pragma clang loop unroll(disable)
    for (ptrdiff_t i = 0; i < whole; i += 4) {
      uint32_t word = mcu_load4(inputs.x + i);
      int16x2_t even = __sxtab16(offsets, word);
      int16x2_t odd = __sxtab16(offsets, __ror(word, 8));
      a = mcu_multiply4(a, even, odd, first + i);
      b = mcu_multiply4(b, even, odd, second + i);
      c = mcu_multiply4(c, even, odd, third + i);
      d = mcu_multiply4(d, even, odd, fourth + i);
    }
    a = mcu_add(a, mcu_dense_sum(inputs, whole, first));
    b = mcu_add(b, mcu_dense_sum(inputs, whole, second));
    c = mcu_add(c, mcu_dense_sum(inputs, whole, third));
    d = mcu_add(d, mcu_dense_sum(inputs, whole, fourth));
    results[output] = mcu_finish(a, channels + output, range);
    results[output + 1] = mcu_finish(b, channels + output + 1, range);
    results[output + 2] = mcu_finish(c, channels + output + 2, range);
    results[output + 3] = mcu_finish(d, channels + output + 3, range);
  }
#pragma clang loop unroll(disable)
  for (; output < outputs; output++) {
    const int8_t *row = weights + output * depth;
    int32_t sum = inputs.common;
#pragma clang loop unroll(disable)
    for (ptrdiff_t i = 0; i < whole; i += 4) {
      uint32_t word = mcu_load4(inputs.x + i);
      sum = mcu_multiply4(
          sum, __sxtab16(offsets, word), __sxtab16(offsets, __ror(word, 8)), row + i);
    }
    sum = mcu_add(sum, mcu_dense_sum(inputs, whole, row));
    results[output] = mcu_finish(sum, channels + output, range);
  }
}
#endif

/* All `outputs` outputs of one row of inputs, weights [output][input], to `results`. */
#if defined(MCU_MAY_USE_AVX2)
void mcu_dense(
    mcu_inputs inputs, const int8_t *weights, ptrdiff_t outputs, const mcu_channel *channels,
    mcu_range range, int8_t *results);
#else
MCU_INLINE void mcu_dense(
    mcu_inputs inputs, const int8_t *weights, ptrdiff_t outputs, const mcu_channel *channels,
    mcu_range range, int8_t *results) {
#if defined(MCU_USES_DSP)
  mcu_dense_dsp(inputs, weights, outputs, channels, range, results);
#else
  mcu_dense_portable(inputs, weights, 0, outputs, channels, range, results);
#endif
}
#endif

#endif
