/* The rescaled addition of two int8 tensors. */
#ifndef MCU_ADDITION_H
#define MCU_ADDITION_H

#include "mcu_requantise.h"

/* A scale as mcu_requantise takes it. */
typedef struct {
  int32_t multiplier, shift;
} mcu_scale;

/*
 * ADD: both operands, their zero points taken out and times 2^20, are scaled, added, and the sum is
 * scaled to the output. `quick` says that no shift is to the left, as in every graph in which the
 * scales were chosen for the data.
 */
typedef struct {
  int32_t first_zero_point, second_zero_point;
  mcu_scale first, second, sum;
  mcu_range range;
} mcu_addition;

/* A scale without a left shift, prepared: see mcu_quick_value. */
typedef struct {
  int32_t multiplier, right, half, sign_mask;
} mcu_quick_scale;

MCU_INLINE mcu_quick_scale mcu_prepare(mcu_scale scale) {
  mcu_quick_scale quick = {scale.multiplier, -scale.shift, 0, 0};
  if (quick.right > 0) {
    quick.half = (int32_t)(UINT32_C(1) << (quick.right - 1));
    quick.sign_mask = -1;
  }
  return quick;
}

/* mcu_requantise(x, ...) where twice = 2x fits 32 bits. */
MCU_INLINE int32_t mcu_quick_rescale(int32_t twice, const mcu_quick_scale *scale) {
  int32_t high = mcu_high_multiply(twice, scale->multiplier, scale->half);
  return mcu_add(high, (twice >> 31) & scale->sign_mask) >> scale->right;
}

MCU_INLINE int8_t mcu_exact_sum(int32_t x, int32_t y, const mcu_addition *addition) {
  int32_t first = (int32_t)((uint32_t)(x - addition->first_zero_point) << 20);
  int32_t second = (int32_t)((uint32_t)(y - addition->second_zero_point) << 20);
  int32_t sum = mcu_add(
      mcu_requantise(first, addition->first.multiplier, addition->first.shift),
      mcu_requantise(second, addition->second.multiplier, addition->second.shift));
  int32_t scaled = mcu_requantise(sum, addition->sum.multiplier, addition->sum.shift);
  return (int8_t)mcu_clamp(
      mcu_add(scaled, addition->range.zero_point), addition->range.low, addition->range.high);
}

/* Plain C, and the chip's form. */
MCU_INLINE void mcu_add_run_portable(
    const int8_t *x, ptrdiff_t x_stride, const int8_t *y, ptrdiff_t y_stride, ptrdiff_t count,
    const mcu_addition *addition, int8_t *output) {
  if (!addition->range.quick) {
    for (ptrdiff_t i = 0; i < count; i++) {
      output[i] = mcu_exact_sum(x[i * x_stride], y[i * y_stride], addition);
    }
    return;
  }
  mcu_quick_scale first = mcu_prepare(addition->first);
  mcu_quick_scale second = mcu_prepare(addition->second);
  mcu_quick_scale sum = mcu_prepare(addition->sum);
  mcu_range range = addition->range;
#pragma clang loop unroll(disable)
  for (const int8_t *end = output + count; output != end; output++) {
    int32_t twice_x = (int32_t)((uint32_t)(*x - addition->first_zero_point) << 21);
    int32_t twice_y = (int32_t)((uint32_t)(*y - addition->second_zero_point) << 21);
    x += x_stride;
    y += y_stride;
    uint32_t both = (uint32_t)mcu_quick_rescale(twice_x, &first) +
                    (uint32_t)mcu_quick_rescale(twice_y, &second);
    int32_t scaled = mcu_quick_rescale((int32_t)(both << 1), &sum);
    *output = (int8_t)mcu_clamp(mcu_add(scaled, range.zero_point), range.low, range.high);
  }
}

/* `count` sums of elements that lie x_stride and y_stride bytes apart, to `output` in order. */
#if defined(MCU_MAY_USE_AVX2)
void mcu_add_run(
    const int8_t *x, ptrdiff_t x_stride, const int8_t *y, ptrdiff_t y_stride, ptrdiff_t count,
    const mcu_addition *addition, int8_t *output);
#else
MCU_INLINE void mcu_add_run(
    const int8_t *x, ptrdiff_t x_stride, const int8_t *y, ptrdiff_t y_stride, ptrdiff_t count,
    const mcu_addition *addition, int8_t *output) {
  mcu_add_run_portable(x, x_stride, y, y_stride, count, addition, output);
}
#endif

#endif
