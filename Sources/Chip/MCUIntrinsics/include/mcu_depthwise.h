/* One output pixel of a depthwise convolution whose every input channel has one output. */
#ifndef MCU_DEPTHWISE_H
#define MCU_DEPTHWISE_H

#include "mcu_requantise.h"

/* The taps of one output pixel that fall inside the input, and their weights. */
typedef struct {
  /* The input under the first tap, and bytes to the tap below and to the tap right of it. */
  const int8_t *x;
  ptrdiff_t row_stride, column_stride;
  /* The first tap's weights, and bytes to those of the tap below and of the tap right of it. */
  const int8_t *weights;
  ptrdiff_t weights_row_stride, weights_column_stride;
  ptrdiff_t rows, columns;
  int32_t offset;
} mcu_taps;

/* One channel's sum over the window. */
MCU_INLINE int32_t mcu_depthwise_sum(mcu_taps taps, ptrdiff_t channel) {
  int32_t sum = 0;
  const int8_t *row = taps.x + channel;
  const int8_t *row_weights = taps.weights + channel;
#pragma clang loop unroll(disable)
  for (ptrdiff_t i = 0; i < taps.rows; i++) {
    const int8_t *x = row, *weight = row_weights;
#pragma clang loop unroll(disable) vectorize(disable)
    for (ptrdiff_t j = 0; j < taps.columns; j++) {
      sum = mcu_add(sum, (*x + taps.offset) * *weight);
      x += taps.column_stride;
      weight += taps.weights_column_stride;
    }
    row += taps.row_stride;
    row_weights += taps.weights_row_stride;
  }
  return sum;
}

/* Plain C: channels from `channel` on, one after another. */
MCU_INLINE void mcu_depthwise_portable(
    mcu_taps taps, ptrdiff_t channel, ptrdiff_t outputs, const mcu_channel *channels,
    mcu_range range, int8_t *output) {
#pragma clang loop unroll(disable)
  for (; channel < outputs; channel++) {
    output[channel] =
        mcu_finish(mcu_depthwise_sum(taps, channel), channels + channel, range);
  }
}

#if defined(MCU_USES_DSP)
/* sums + the products of four channels at a tap: one load of inputs and one of weights. */
MCU_INLINE void mcu_depthwise_tap(
    int32_t sums[4], const int8_t *x, int16x2_t offsets, const int8_t *weights) {
  uint32_t inputs = mcu_load4(x), word = mcu_load4(weights);
  int16x2_t even = __sxtab16(offsets, inputs), odd = __sxtab16(offsets, __ror(inputs, 8));
  int16x2_t even_weights = __sxtb16(word), odd_weights = mcu_odd_bytes(word);
  sums[0] = __smlabb(even, even_weights, sums[0]);
  sums[1] = __smlabb(odd, odd_weights, sums[1]);
  sums[2] = __smlatt(even, even_weights, sums[2]);
  sums[3] = __smlatt(odd, odd_weights, sums[3]);
}

/* Four channels at a time; rows of three taps, which most windows have, without a loop. */
MCU_INLINE void mcu_depthwise_as(
    mcu_finish_form form, mcu_taps taps, ptrdiff_t outputs, const mcu_channel *channels,
    mcu_range range, int8_t *output) {
  int16x2_t offsets = mcu_both_halves(taps.offset);
  ptrdiff_t channel = 0;
#pragma clang loop unroll(disable)
  for (; channel + 4 <= outputs; channel += 4) {
    int32_t sums[4] = {0, 0, 0, 0};
    const int8_t *x = taps.x + channel, *weights = taps.weights + channel;
    if (taps.columns == 3) {
      ptrdiff_t next = taps.row_stride - 2 * taps.column_stride;
      ptrdiff_t next_weights = taps.weights_row_stride - 2 * taps.weights_column_stride;
#pragma clang loop unroll(disable)
      for (ptrdiff_t i = taps.rows; i != 0; i--) {
        mcu_depthwise_tap(sums, x, offsets, weights);
        x += taps.column_stride;
        weights += taps.weights_column_stride;
        mcu_depthwise_tap(sums, x, offsets, weights);
        x += taps.column_stride;
        weights += taps.weights_column_stride;
        mcu_depthwise_tap(sums, x, offsets, weights);
        x += next;
        weights += next_weights;
      }
    } else {
      ptrdiff_t next = taps.row_stride - taps.columns * taps.column_stride;
      ptrdiff_t next_weights =
          taps.weights_row_stride - taps.columns * taps.weights_column_stride;
#pragma clang loop unroll(disable)
      for (ptrdiff_t i = taps.rows; i != 0; i--) {
#pragma clang loop unroll(disable)
        for (ptrdiff_t j = taps.columns; j != 0; j--) {
          mcu_depthwise_tap(sums, x, offsets, weights);
          x += taps.column_stride;
          weights += taps.weights_column_stride;
        }
        x += next;
        weights += next_weights;
      }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      output[channel + i] = mcu_finish_as(form, sums[i], channels + channel + i, range);
    }
  }
#pragma clang loop unroll(disable)
  for (; channel < outputs; channel++) {
    output[channel] =
        mcu_finish_as(form, mcu_depthwise_sum(taps, channel), channels + channel, range);
  }
}
#endif

/* All `outputs` channels of one pixel, to `output`. */
#if defined(MCU_MAY_USE_AVX2)
void mcu_depthwise(
    mcu_taps taps, ptrdiff_t outputs, const mcu_channel *channels, mcu_range range,
    int8_t *output);
#else
MCU_INLINE void mcu_depthwise(
    mcu_taps taps, ptrdiff_t outputs, const mcu_channel *channels, mcu_range range,
    int8_t *output) {
#if defined(MCU_USES_DSP)
  switch (mcu_form_of(range)) {
    case MCU_QUICK: mcu_depthwise_as(MCU_QUICK, taps, outputs, channels, range, output); break;
    case MCU_QUICK_CLAMPED:
      mcu_depthwise_as(MCU_QUICK_CLAMPED, taps, outputs, channels, range, output);
      break;
    case MCU_EXACT: mcu_depthwise_as(MCU_EXACT, taps, outputs, channels, range, output); break;
  }
#else
  mcu_depthwise_portable(taps, 0, outputs, channels, range, output);
#endif
}
#endif

#endif
