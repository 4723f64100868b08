/*
 * A convolution as a product of a matrix of weights with columns: what an output pixel sees of the
 * input, widened to 16 bits, its zero point taken out. Two pixels' columns lie together, so that a
 * weight is fetched once for both; how they lie is the form's own affair.
 *
 * `depth` is the length of a column, a multiple of 4. A row of weights has `depth` bytes, zeros at its
 * end where the window has fewer taps. Columns take 4 * depth bytes.
 */
#ifndef MCU_COLUMNS_H
#define MCU_COLUMNS_H

#include "mcu_requantise.h"

/* Writes x + offset for `count` values of x to column `pixel` (0 or 1) from tap `tap`; both are
   multiples of 4. */
MCU_INLINE void mcu_widen(
    int16_t *columns, ptrdiff_t depth, ptrdiff_t pixel, ptrdiff_t tap, const int8_t *x,
    ptrdiff_t count, int32_t offset) {
#if defined(MCU_USES_DSP)
  /* Four words for four taps: each pixel's even taps and its odd ones. */
  int16x2_t offsets = mcu_both_halves(offset);
  uint32_t *words = (uint32_t *)columns + tap + 2 * pixel;
  (void)depth;
#pragma clang loop unroll(disable)
  for (const int8_t *end = x + count; x != end; x += 4) {
    uint32_t word = mcu_load4(x);
    words[0] = (uint32_t)__sxtab16(offsets, word);
    words[1] = (uint32_t)__sxtab16(offsets, __ror(word, 8));
    words += 4;
  }
#else
  int16_t *column = columns + pixel * depth + tap;
  for (ptrdiff_t i = 0; i < count; i++) { column[i] = (int16_t)(x[i] + offset); }
#endif
}

/* Writes zeros, which is what a tap outside the input counts for, to a whole column. */
MCU_INLINE void mcu_clear_column(int16_t *columns, ptrdiff_t depth, ptrdiff_t pixel) {
#if defined(MCU_USES_DSP)
  uint32_t *words = (uint32_t *)columns + 2 * pixel;
#pragma clang loop unroll(disable)
  for (uint32_t *end = words + depth; words != end; words += 4) { words[0] = words[1] = 0; }
#else
  int16_t *column = columns + pixel * depth;
  for (ptrdiff_t i = 0; i < depth; i++) { column[i] = 0; }
#endif
}

/* Plain C; columns lie one behind the other. */
MCU_INLINE void mcu_multiply_columns_portable(
    const int16_t *columns, ptrdiff_t depth, const int8_t *weights, ptrdiff_t outputs,
    const mcu_channel *channels, mcu_range range, int8_t *first, int8_t *second) {
  for (ptrdiff_t channel = 0; channel < outputs; channel++) {
    const int8_t *row = weights + channel * depth;
    int32_t sum = 0, other = 0;
    for (ptrdiff_t tap = 0; tap < depth; tap++) {
      sum = mcu_add(sum, columns[tap] * row[tap]);
      other = mcu_add(other, columns[depth + tap] * row[tap]);
    }
    second[channel] = mcu_finish(other, channels + channel, range);
    first[channel] = mcu_finish(sum, channels + channel, range);
  }
}

#if defined(MCU_USES_DSP)
/* Two pixels times two channels share four loads of columns and two of weights. */
MCU_INLINE void mcu_multiply_columns_as(
    mcu_finish_form form, const int16_t *columns, ptrdiff_t depth, const int8_t *weights,
    ptrdiff_t outputs, const mcu_channel *channels, mcu_range range, int8_t *first,
    int8_t *second) {
  const uint32_t *start = (const uint32_t *)columns;
  const uint32_t *end = start + depth;
  const mcu_channel *last = channels + (outputs & ~(ptrdiff_t)1);
#pragma clang loop unroll(disable)
  while (channels != last) {
    const int8_t *other = weights + depth;
    int32_t a = 0, b = 0, c = 0, d = 0;
#pragma clang loop unroll(disable)
    for (const uint32_t *words = start; words != end; words += 4) {
      uint32_t one = mcu_load4(weights), two = mcu_load4(other);
      weights += 4;
      other += 4;
      int16x2_t even = __sxtb16(one), odd = mcu_odd_bytes(one);
      int16x2_t other_even = __sxtb16(two), other_odd = mcu_odd_bytes(two);
      a = __smlad((int16x2_t)words[0], even, a);
      b = __smlad((int16x2_t)words[0], other_even, b);
      c = __smlad((int16x2_t)words[2], even, c);
      d = __smlad((int16x2_t)words[2], other_even, d);
      a = __smlad((int16x2_t)words[1], odd, a);
      b = __smlad((int16x2_t)words[1], other_odd, b);
      c = __smlad((int16x2_t)words[3], odd, c);
      d = __smlad((int16x2_t)words[3], other_odd, d);
    }
    second[0] = mcu_finish_as(form, c, channels, range);
    first[0] = mcu_finish_as(form, a, channels, range);
    second[1] = mcu_finish_as(form, d, channels + 1, range);
    first[1] = mcu_finish_as(form, b, channels + 1, range);
    first += 2;
    second += 2;
    channels += 2;
    weights = other;
  }
  if (outputs & 1) {
    int32_t a = 0, c = 0;
    for (const uint32_t *words = start; words != end; words += 4) {
      uint32_t one = mcu_load4(weights);
      weights += 4;
      int16x2_t even = __sxtb16(one), odd = mcu_odd_bytes(one);
      a = __smlad((int16x2_t)words[1], odd, __smlad((int16x2_t)words[0], even, a));
      c = __smlad((int16x2_t)words[3], odd, __smlad((int16x2_t)words[2], even, c));
    }
    second[0] = mcu_finish_as(form, c, channels, range);
    first[0] = mcu_finish_as(form, a, channels, range);
  }
}
#endif

/*
 * All `outputs` channels of two pixels: the products of the rows of `weights` with both columns,
 * finished, to `first` and `second`. For one pixel alone both are the same place, which then holds
 * the first column's values: the second's are written before.
 */
#if defined(MCU_MAY_USE_AVX2)
void mcu_multiply_columns(
    const int16_t *columns, ptrdiff_t depth, const int8_t *weights, ptrdiff_t outputs,
    const mcu_channel *channels, mcu_range range, int8_t *first, int8_t *second);
#else
MCU_INLINE void mcu_multiply_columns(
    const int16_t *columns, ptrdiff_t depth, const int8_t *weights, ptrdiff_t outputs,
    const mcu_channel *channels, mcu_range range, int8_t *first, int8_t *second) {
#if defined(MCU_USES_DSP)
#define MCU_AS(form)                                                                        \
  mcu_multiply_columns_as(                                                                  \
      form, columns, depth, weights, outputs, channels, range, first, second)
  switch (mcu_form_of(range)) {
    case MCU_QUICK: MCU_AS(MCU_QUICK); break;
    case MCU_QUICK_CLAMPED: MCU_AS(MCU_QUICK_CLAMPED); break;
    case MCU_EXACT: MCU_AS(MCU_EXACT); break;
  }
#undef MCU_AS
#else
  mcu_multiply_columns_portable(
      columns, depth, weights, outputs, channels, range, first, second);
#endif
}
#endif

#endif
