/*
 * A convolution as a product of a matrix of weights with columns: what an output pixel sees of the
 * input, widened to 16 bits, its zero point taken out. Two pixels' columns lie together, so that a
 * weight is fetched once for both; how they lie is the form's own affair. Columns take 4 * depth
 * bytes.
 *
 * `depth` is the length of a column, a multiple of 4. A row of weights has as many bytes, zeros at its
 * end where the window has fewer taps. Rows lie in pairs, four taps of the first and four of the
 * second in turn; the last of an odd number lies alone.
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
  /* Four words for four taps: both pixels' even taps, then both pixels' odd ones. Eight taps a round,
     in assembly: the compiler counts in three registers where one will do. */
  int16x2_t offsets = mcu_both_halves(offset);
  uint32_t *words = (uint32_t *)columns + tap + pixel;
  (void)depth;
  if (count & 4) {
    uint32_t word = mcu_load4(x);
    words[0] = (uint32_t)__sxtab16(offsets, word);
    words[2] = (uint32_t)__sxtab16(offsets, __ror(word, 8));
    words += 4;
    x += 4;
    count -= 4;
  }
  if (count > 0) {
    uint32_t first, second, even;
    __asm__ volatile(
        "1:\n"
        "ldr %[first], [%[x]], #4\n"
        "subs %[count], #8\n"
        "ldr %[second], [%[x]], #4\n"
        "sxtab16 %[even], %[offsets], %[first]\n"
        "sxtab16 %[first], %[offsets], %[first], ror #8\n"
        "str %[even], [%[words]], #16\n"
        "sxtab16 %[even], %[offsets], %[second]\n"
        "str %[first], [%[words], #-8]\n"
        "sxtab16 %[second], %[offsets], %[second], ror #8\n"
        "str %[even], [%[words]], #16\n"
        "str %[second], [%[words], #-8]\n"
        "bne 1b\n"
        : [x] "+r"(x), [words] "+r"(words), [count] "+r"(count), [first] "=&r"(first),
          [second] "=&r"(second), [even] "=&r"(even)
        : [offsets] "r"(offsets)
        : "cc", "memory");
  }
#else
  int16_t *column = columns + pixel * depth + tap;
  for (ptrdiff_t i = 0; i < count; i++) { column[i] = (int16_t)(x[i] + offset); }
#endif
}

/* Writes zeros, which is what a tap outside the input counts for, to a whole column. */
MCU_INLINE void mcu_clear_column(int16_t *columns, ptrdiff_t depth, ptrdiff_t pixel) {
#if defined(MCU_USES_DSP)
  uint32_t *words = (uint32_t *)columns + pixel;
#pragma clang loop unroll(disable)
  for (uint32_t *end = words + depth; words != end; words += 4) { words[0] = words[2] = 0; }
#else
  int16_t *column = columns + pixel * depth;
  for (ptrdiff_t i = 0; i < depth; i++) { column[i] = 0; }
#endif
}

/* What an output pixel sees of the input: rows of runs of bytes that lie side by side. */
typedef struct {
  const int8_t *x;
  /* Bytes from a row to the next, and from a run to the next of the same row. */
  ptrdiff_t row_stride, run_stride;
  ptrdiff_t rows, runs, length;
} mcu_runs;

/* Copies the runs side by side, a row `target_stride` bytes behind the one before. */
MCU_INLINE void mcu_gather_bytes(mcu_runs runs, int8_t *target, ptrdiff_t target_stride) {
#pragma clang loop unroll(disable)
  for (ptrdiff_t rows = runs.rows; rows > 0; rows--) {
    const int8_t *run = runs.x;
    int8_t *place = target;
#pragma clang loop unroll(disable)
    for (ptrdiff_t count = runs.runs; count > 0; count--) {
      const int8_t *x = run;
      ptrdiff_t length = runs.length;
#pragma clang loop unroll(disable)
      for (; length >= 4; length -= 4, x += 4, place += 4) { __builtin_memcpy(place, x, 4); }
#pragma clang loop unroll(disable) vectorize(disable)
      for (; length > 0; length--) { *place++ = *x++; }
      run += runs.run_stride;
    }
    runs.x += runs.row_stride;
    target += target_stride;
  }
}

/* Widens the runs, whose lengths are multiples of 4, to column `pixel` from `tap` on, a row
   `kernel_row` taps behind the one before. */
MCU_INLINE void mcu_gather_column(
    mcu_runs runs, int16_t *columns, ptrdiff_t depth, ptrdiff_t pixel, ptrdiff_t tap,
    ptrdiff_t kernel_row, int32_t offset) {
#pragma clang loop unroll(disable)
  for (ptrdiff_t rows = runs.rows; rows > 0; rows--) {
    const int8_t *run = runs.x;
    ptrdiff_t first = tap;
#pragma clang loop unroll(disable)
    for (ptrdiff_t count = runs.runs; count > 0; count--) {
      mcu_widen(columns, depth, pixel, first, run, runs.length, offset);
      run += runs.run_stride;
      first += runs.length;
    }
    runs.x += runs.row_stride;
    tap += kernel_row;
  }
}

/* The product of a column, its taps one behind the other, with a row of weights whose groups of
   four taps lie `stride` bytes apart. */
MCU_INLINE int32_t mcu_column_sum(
    const int16_t *column, ptrdiff_t depth, const int8_t *weights, ptrdiff_t stride) {
  int32_t sum = 0;
  for (ptrdiff_t tap = 0; tap < depth; tap += 4) {
    for (ptrdiff_t i = 0; i < 4; i++) { sum = mcu_add(sum, column[tap + i] * weights[i]); }
    weights += stride;
  }
  return sum;
}

/* Plain C; columns lie one behind the other. Channels from `channel` on, an even number. */
MCU_INLINE void mcu_multiply_columns_portable(
    const int16_t *columns, ptrdiff_t depth, const int8_t *weights, ptrdiff_t channel,
    ptrdiff_t outputs, const mcu_channel *channels, mcu_range range, int8_t *first,
    int8_t *second) {
  for (; channel < outputs; channel++) {
    ptrdiff_t even = channel & ~(ptrdiff_t)1;
    bool alone = even + 1 == outputs;
    const int8_t *row = weights + even * depth + (channel - even) * 4;
    ptrdiff_t stride = alone ? 4 : 8;
    int32_t sum = mcu_column_sum(columns, depth, row, stride);
    int32_t other = mcu_column_sum(columns + depth, depth, row, stride);
    second[channel] = mcu_finish(other, channels + channel, range);
    first[channel] = mcu_finish(sum, channels + channel, range);
  }
}

#if defined(MCU_USES_DSP)
/*
 * Two pixels times two channels: 16 products of 4 taps with two double loads of columns and one of
 * weights. In assembly, for it takes 13 registers: the compiler spills one in every round.
 */
MCU_INLINE const int8_t *mcu_multiply_2x2(
    const uint32_t *words, const uint32_t *end, const int8_t *weights, int32_t sums[4]) {
  uint32_t even, other_even, odd, other_odd, x, y;
  if ((end - words) & 4) {
    __asm__(
        "ldrd %[odd], %[other_odd], [%[weights]], #8\n"
        "ldrd %[x], %[y], [%[words]], #16\n"
        "sxtb16 %[even], %[odd]\n"
        "sxtb16 %[other_even], %[other_odd]\n"
        "smlad %[a], %[x], %[even], %[a]\n"
        "sxtb16 %[odd], %[odd], ror #8\n"
        "smlad %[b], %[x], %[other_even], %[b]\n"
        "sxtb16 %[other_odd], %[other_odd], ror #8\n"
        "smlad %[c], %[y], %[even], %[c]\n"
        "ldrd %[x], %[even], [%[words], #-8]\n"
        "smlad %[d], %[y], %[other_even], %[d]\n"
        "smlad %[a], %[x], %[odd], %[a]\n"
        "smlad %[b], %[x], %[other_odd], %[b]\n"
        "smlad %[c], %[even], %[odd], %[c]\n"
        "smlad %[d], %[even], %[other_odd], %[d]\n"
        : [a] "+r"(sums[0]), [b] "+r"(sums[1]), [c] "+r"(sums[2]), [d] "+r"(sums[3]),
          [words] "+r"(words), [weights] "+r"(weights), [even] "=&r"(even),
          [other_even] "=&r"(other_even), [odd] "=&r"(odd), [other_odd] "=&r"(other_odd),
          [x] "=&r"(x), [y] "=&r"(y)
        :
        : "memory");
    if (words == end) { return weights; }
  }
  /* Eight taps a round; the second four's loads stand among the first four's products. */
  __asm__(
      "1:\n"
      "ldrd %[odd], %[other_odd], [%[weights]], #8\n"
      "ldrd %[x], %[y], [%[words]], #32\n"
      "sxtb16 %[even], %[odd]\n"
      "sxtb16 %[other_even], %[other_odd]\n"
      "smlad %[a], %[x], %[even], %[a]\n"
      "sxtb16 %[odd], %[odd], ror #8\n"
      "smlad %[b], %[x], %[other_even], %[b]\n"
      "sxtb16 %[other_odd], %[other_odd], ror #8\n"
      "smlad %[c], %[y], %[even], %[c]\n"
      "ldrd %[x], %[even], [%[words], #-24]\n"
      "smlad %[d], %[y], %[other_even], %[d]\n"
      "ldrd %[other_even], %[y], [%[weights]], #8\n"
      "smlad %[a], %[x], %[odd], %[a]\n"
      "smlad %[b], %[x], %[other_odd], %[b]\n"
      "sxtb16 %[x], %[other_even]\n"
      "smlad %[c], %[even], %[odd], %[c]\n"
      "smlad %[d], %[even], %[other_odd], %[d]\n"
      "ldrd %[odd], %[other_odd], [%[words], #-16]\n"
      "sxtb16 %[even], %[y]\n"
      "sxtb16 %[other_even], %[other_even], ror #8\n"
      "smlad %[a], %[odd], %[x], %[a]\n"
      "sxtb16 %[y], %[y], ror #8\n"
      "smlad %[b], %[odd], %[even], %[b]\n"
      "smlad %[c], %[other_odd], %[x], %[c]\n"
      "ldrd %[odd], %[x], [%[words], #-8]\n"
      "smlad %[d], %[other_odd], %[even], %[d]\n"
      "cmp %[words], %[end]\n"
      "smlad %[a], %[odd], %[other_even], %[a]\n"
      "smlad %[b], %[odd], %[y], %[b]\n"
      "smlad %[c], %[x], %[other_even], %[c]\n"
      "smlad %[d], %[x], %[y], %[d]\n"
      "bne 1b\n"
      : [a] "+r"(sums[0]), [b] "+r"(sums[1]), [c] "+r"(sums[2]), [d] "+r"(sums[3]),
        [words] "+r"(words), [weights] "+r"(weights), [even] "=&r"(even),
        [other_even] "=&r"(other_even), [odd] "=&r"(odd), [other_odd] "=&r"(other_odd),
        [x] "=&r"(x), [y] "=&r"(y)
      : [end] "r"(end)
      : "cc", "memory");
  return weights;
}

/* One channel's sums of both pixels; its row is read once, before anything is written. */
MCU_INLINE void mcu_finish_pair(
    mcu_finish_form form, int32_t sum, int32_t other, const mcu_channel *channel,
    mcu_range range, int8_t *first, int8_t *second) {
  mcu_channel row = *channel;
  int8_t value = mcu_finish_as(form, sum, &row, range);
  *second = mcu_finish_as(form, other, &row, range);
  *first = value;
}

MCU_INLINE void mcu_multiply_columns_as(
    mcu_finish_form form, const int16_t *columns, ptrdiff_t depth, const int8_t *weights,
    ptrdiff_t outputs, const mcu_channel *channels, mcu_range range, int8_t *first,
    int8_t *second) {
  const uint32_t *start = (const uint32_t *)columns;
  const uint32_t *end = start + depth;
  const mcu_channel *last = channels + (outputs & ~(ptrdiff_t)1);
#pragma clang loop unroll(disable)
  while (channels != last) {
    int32_t sums[4] = {0, 0, 0, 0};
    weights = mcu_multiply_2x2(start, end, weights, sums);
    mcu_finish_pair(form, sums[0], sums[2], channels, range, first, second);
    mcu_finish_pair(form, sums[1], sums[3], channels + 1, range, first + 1, second + 1);
    first += 2;
    second += 2;
    channels += 2;
  }
  if (outputs & 1) {
    int32_t sum = 0, other = 0;
#pragma clang loop unroll(disable)
    for (const uint32_t *words = start; words != end; words += 4) {
      uint32_t word = mcu_load4(weights);
      weights += 4;
      int16x2_t even = __sxtb16(word), odd = mcu_odd_bytes(word);
      sum = __smlad((int16x2_t)words[2], odd, __smlad((int16x2_t)words[0], even, sum));
      other = __smlad((int16x2_t)words[3], odd, __smlad((int16x2_t)words[1], even, other));
    }
    mcu_finish_pair(form, sum, other, channels, range, first, second);
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
      columns, depth, weights, 0, outputs, channels, range, first, second);
#endif
}
#endif

#endif
