/*
 * Output pixels of a depthwise convolution whose every input channel has one output.
 *
 * Weights lie in blocks of four channels, [block][tap][channel of the block]; a last block has zeros
 * for the channels that there are not.
 */
#ifndef MCU_DEPTHWISE_H
#define MCU_DEPTHWISE_H

#include "mcu_requantise.h"

/* The taps of one output pixel that fall inside the input. */
typedef struct {
  /* The input under the first tap, and bytes to the tap below and to the tap right of it. */
  const int8_t *x;
  ptrdiff_t row_stride, column_stride;
  ptrdiff_t rows, columns;
  int32_t offset;
  /* Whether the three bytes before x are the input's too. */
  bool has_more_before;
  /* Taps of a row of the whole window and of all of it, and which of them is the first here. */
  ptrdiff_t kernel_width, kernel_taps, first_tap;
} mcu_taps;

/* The sum over the taps from x and weights on, the latter with their strides. */
MCU_INLINE int32_t mcu_window_sum(
    const mcu_taps *taps, const int8_t *x, const int8_t *weights, ptrdiff_t weights_row_stride,
    ptrdiff_t weights_column_stride) {
  int32_t sum = 0;
#pragma clang loop unroll(disable)
  for (ptrdiff_t i = 0; i < taps->rows; i++) {
    const int8_t *tap = x, *weight = weights;
#pragma clang loop unroll(disable) vectorize(disable)
    for (ptrdiff_t j = 0; j < taps->columns; j++) {
      sum = mcu_add(sum, (*tap + taps->offset) * *weight);
      tap += taps->column_stride;
      weight += weights_column_stride;
    }
    x += taps->row_stride;
    weights += weights_row_stride;
  }
  return sum;
}

/* The weights of the first tap of the block with `channel`. */
MCU_INLINE const int8_t *mcu_block(
    const mcu_taps *taps, const int8_t *weights, ptrdiff_t channel) {
  return weights + (channel & ~(ptrdiff_t)3) * taps->kernel_taps + 4 * taps->first_tap;
}

MCU_INLINE int32_t mcu_depthwise_sum(
    const mcu_taps *taps, const int8_t *weights, ptrdiff_t channel) {
  return mcu_window_sum(
      taps, taps->x + channel, mcu_block(taps, weights, channel) + (channel & 3),
      4 * taps->kernel_width, 4);
}

/* A pixel in plain C: channels from `channel` on, one after another. */
MCU_INLINE void mcu_depthwise_portable(
    const mcu_taps *taps, const int8_t *weights, ptrdiff_t channel, ptrdiff_t outputs,
    const mcu_channel *channels, mcu_range range, int8_t *output) {
#pragma clang loop unroll(disable)
  for (; channel < outputs; channel++) {
    output[channel] =
        mcu_finish(mcu_depthwise_sum(taps, weights, channel), channels + channel, range);
  }
}

#if defined(MCU_USES_DSP)
/*
 * The sums of a block's four channels over a row of taps: one load of inputs and one of weights for
 * four products. In assembly for its 13 registers. Of a last block's `rest` channels, the words that
 * end with them are loaded and shifted: the others' inputs are zeros.
 */
MCU_INLINE void mcu_depthwise_row(
    int32_t sums[4], const mcu_taps *taps, const int8_t *x, const int8_t *weights,
    int16x2_t offsets) {
  ptrdiff_t count = taps->columns;
  uint32_t inputs, word, even, even_weights;
  __asm__(
      "1:\n"
      "ldr %[inputs], [%[x]]\n"
      "ldr %[word], [%[weights]], #4\n"
      "subs %[count], #1\n"
      "add %[x], %[stride]\n"
      "sxtab16 %[even], %[offsets], %[inputs]\n"
      "sxtb16 %[even_weights], %[word]\n"
      "smlabb %[a], %[even], %[even_weights], %[a]\n"
      "sxtab16 %[inputs], %[offsets], %[inputs], ror #8\n"
      "smlatt %[c], %[even], %[even_weights], %[c]\n"
      "sxtb16 %[word], %[word], ror #8\n"
      "smlabb %[b], %[inputs], %[word], %[b]\n"
      "smlatt %[d], %[inputs], %[word], %[d]\n"
      "bne 1b\n"
      : [a] "+r"(sums[0]), [b] "+r"(sums[1]), [c] "+r"(sums[2]), [d] "+r"(sums[3]),
        [x] "+r"(x), [weights] "+r"(weights), [count] "+r"(count), [inputs] "=&r"(inputs),
        [word] "=&r"(word), [even] "=&r"(even), [even_weights] "=&r"(even_weights)
      : [stride] "r"(taps->column_stride), [offsets] "r"(offsets)
      : "cc", "memory");
}

/* The same for rows of three taps, which most windows have, without a loop. */
MCU_INLINE void mcu_depthwise_row3(
    int32_t sums[4], const mcu_taps *taps, const int8_t *x, const int8_t *weights,
    int16x2_t offsets) {
  uint32_t inputs, word, even, even_weights;
#define MCU_TAP                                                                             \
  "ldr %[inputs], [%[x]]\n"                                                                 \
  "ldr %[word], [%[weights]], #4\n"                                                         \
  "add %[x], %[stride]\n"                                                                   \
  "sxtab16 %[even], %[offsets], %[inputs]\n"                                                \
  "sxtb16 %[even_weights], %[word]\n"                                                       \
  "smlabb %[a], %[even], %[even_weights], %[a]\n"                                           \
  "sxtab16 %[inputs], %[offsets], %[inputs], ror #8\n"                                      \
  "smlatt %[c], %[even], %[even_weights], %[c]\n"                                           \
  "sxtb16 %[word], %[word], ror #8\n"                                                       \
  "smlabb %[b], %[inputs], %[word], %[b]\n"                                                 \
  "smlatt %[d], %[inputs], %[word], %[d]\n"
  __asm__(
      MCU_TAP MCU_TAP MCU_TAP
      : [a] "+r"(sums[0]), [b] "+r"(sums[1]), [c] "+r"(sums[2]), [d] "+r"(sums[3]),
        [x] "+r"(x), [weights] "+r"(weights), [inputs] "=&r"(inputs), [word] "=&r"(word),
        [even] "=&r"(even), [even_weights] "=&r"(even_weights)
      : [stride] "r"(taps->column_stride), [offsets] "r"(offsets)
      : "memory");
#undef MCU_TAP
}

MCU_INLINE void mcu_depthwise_shifted_row(
    int32_t sums[4], const mcu_taps *taps, const int8_t *x, const int8_t *weights,
    int16x2_t offsets, int32_t shift) {
#pragma clang loop unroll(disable)
  for (ptrdiff_t j = taps->columns; j != 0; j--) {
    uint32_t inputs = mcu_load4(x) >> shift, word = mcu_load4(weights);
    int16x2_t even = __sxtab16(offsets, inputs);
    int16x2_t even_weights = __sxtb16(word);
    sums[0] = __smlabb(even, even_weights, sums[0]);
    sums[1] = __smlabb(__sxtab16(offsets, __ror(inputs, 8)), mcu_odd_bytes(word), sums[1]);
    sums[2] = __smlatt(even, even_weights, sums[2]);
    x += taps->column_stride;
    weights += 4;
  }
}

MCU_INLINE void mcu_depthwise_as(
    mcu_finish_form form, const mcu_taps *taps, const int8_t *weights, ptrdiff_t outputs,
    const mcu_channel *channels, mcu_range range, int8_t *output) {
  int16x2_t offsets = mcu_both_halves(taps->offset);
  ptrdiff_t channel = 0;
#pragma clang loop unroll(disable)
  for (; channel + 4 <= outputs; channel += 4) {
    int32_t sums[4] = {0, 0, 0, 0};
    const int8_t *x = taps->x + channel;
    const int8_t *block = mcu_block(taps, weights, channel);
#pragma clang loop unroll(disable)
    for (ptrdiff_t i = taps->rows; i != 0; i--) {
      if (taps->columns == 3) {
        mcu_depthwise_row3(sums, taps, x, block, offsets);
      } else {
        mcu_depthwise_row(sums, taps, x, block, offsets);
      }
      x += taps->row_stride;
      block += 4 * taps->kernel_width;
    }
    mcu_finish_neighbours(form, sums[0], sums[1], channels + channel, range, output + channel);
    mcu_finish_neighbours(
        form, sums[2], sums[3], channels + channel + 2, range, output + channel + 2);
  }
  ptrdiff_t rest = outputs - channel;
  if (rest == 0) { return; }
  if (channel == 0 && !taps->has_more_before) {
    mcu_depthwise_portable(taps, weights, 0, outputs, channels, range, output);
    return;
  }
  int32_t sums[4] = {0, 0, 0, 0};
  const int8_t *x = taps->x + channel + rest - 4;
  const int8_t *block = mcu_block(taps, weights, channel);
#pragma clang loop unroll(disable)
  for (ptrdiff_t i = taps->rows; i != 0; i--) {
    mcu_depthwise_shifted_row(sums, taps, x, block, offsets, (int32_t)(32 - 8 * rest));
    x += taps->row_stride;
    block += 4 * taps->kernel_width;
  }
  output[channel] = mcu_finish_as(form, sums[0], channels + channel, range);
  if (rest > 1) {
    output[channel + 1] = mcu_finish_as(form, sums[1], channels + channel + 1, range);
  }
  if (rest > 2) {
    output[channel + 2] = mcu_finish_as(form, sums[2], channels + channel + 2, range);
  }
}
#endif

/* All `outputs` channels of `count` pixels side by side, which lie `step` bytes apart in the input and
   see the same taps, to `output`. */
#if defined(MCU_MAY_USE_AVX2)
void mcu_depthwise(
    const mcu_taps *taps, ptrdiff_t count, ptrdiff_t step, const int8_t *weights,
    ptrdiff_t outputs, const mcu_channel *channels, mcu_range range, int8_t *output);
#else
MCU_INLINE void mcu_depthwise(
    const mcu_taps *taps, ptrdiff_t count, ptrdiff_t step, const int8_t *weights,
    ptrdiff_t outputs, const mcu_channel *channels, mcu_range range, int8_t *output) {
  mcu_taps pixel = *taps;
#define MCU_EACH(call)                                                                      \
  _Pragma("clang loop unroll(disable)") for (; count > 0; count--) {                        \
    call;                                                                                   \
    pixel.x += step;                                                                        \
    pixel.has_more_before |= step >= 3;                                                          \
    output += outputs;                                                                      \
  }
#if defined(MCU_USES_DSP)
#define MCU_AS(form)                                                                        \
  MCU_EACH(mcu_depthwise_as(form, &pixel, weights, outputs, channels, range, output))
  switch (mcu_form_of(range)) {
    case MCU_QUICK: MCU_AS(MCU_QUICK); break;
    case MCU_QUICK_CLAMPED: MCU_AS(MCU_QUICK_CLAMPED); break;
    case MCU_EXACT: MCU_AS(MCU_EXACT); break;
  }
#undef MCU_AS
#else
  MCU_EACH(mcu_depthwise_portable(&pixel, weights, 0, outputs, channels, range, output));
#endif
#undef MCU_EACH
}
#endif

#endif
