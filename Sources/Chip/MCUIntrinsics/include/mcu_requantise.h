/* From 32-bit sums to int8 values. */
#ifndef MCU_REQUANTISE_H
#define MCU_REQUANTISE_H

#include "mcu_platform.h"

/*
 * How the sum of one output channel becomes its int8 value: a row of a plan's channel table.
 *
 * Exact rows: bias, multiplier, shift, 0, for mcu_requantise. Quick rows: twice the bias, multiplier,
 * the right shift -shift, and the addend (zero point << right shift) + half, where half is
 * 1 << (right shift - 1).
 */
typedef struct {
  int32_t bias, multiplier, shift, addend;
} mcu_channel;

/* What all channels of an operator share: the output's zero point and range, and the rows' form. */
typedef struct {
  int32_t zero_point, low, high;
  bool quick;
} mcu_range;

/*
 * x * multiplier * 2^(shift - 31), rounded twice: a doubling high multiply, ties upwards, and then a
 * right shift, ties away from zero. These are the two roundings of gemmlowp, which TensorFlow Lite
 * Micro's reference kernels use. multiplier >= 0 and -31 <= shift <= 30; the left shift wraps.
 */
MCU_INLINE int32_t mcu_requantise(int32_t x, int32_t multiplier, int32_t shift) {
  int32_t left = shift > 0 ? shift : 0;
  int32_t right = shift > 0 ? 0 : -shift;
  int32_t shifted = (int32_t)((uint32_t)x << left);
  int64_t product = (int64_t)shifted * (int64_t)multiplier;
  int32_t high = (int32_t)((product + (INT64_C(1) << 30)) >> 31);
  int32_t mask = (int32_t)((UINT32_C(1) << right) - 1);
  int32_t remainder = high & mask;
  int32_t threshold = (mask >> 1) + (high < 0 ? 1 : 0);
  return (high >> right) + (remainder > threshold ? 1 : 0);
}

/* addend + the rounded upper word of twice * multiplier: one instruction on the chip. */
MCU_INLINE int32_t mcu_high_multiply(int32_t twice, int32_t multiplier, int32_t addend) {
#if defined(MCU_USES_DSP)
  int32_t high;
  __asm__("smmlar %0, %1, %2, %3" : "=r"(high) : "r"(twice), "r"(multiplier), "r"(addend));
  return high;
#else
  int64_t product = (int64_t)twice * (int64_t)multiplier;
  return mcu_add((int32_t)((product + (INT64_C(1) << 31)) >> 32), addend);
#endif
}

/*
 * One channel's sum, requantised by a quick row and not yet clamped: the same as
 * mcu_requantise(sum + bias, multiplier, -right) + zero point for 1 <= right <= 22 and
 * |sum + bias| < 2^30.
 *
 * The upper word of (2x * m) is gemmlowp's doubling high multiply h. Its division by 2^right with
 * ties away from zero is (h + half - [h < 0]) >> right. h has the sign of 2x but where it is 0, and
 * there half - 1 is shifted away as half is. A zero point shifted left by `right` passes unchanged.
 */
MCU_INLINE int32_t mcu_quick_value(int32_t sum, const mcu_channel *channel) {
  int32_t twice = (int32_t)((uint32_t)channel->bias + ((uint32_t)sum << 1));
  int32_t high = mcu_high_multiply(twice, channel->multiplier, channel->addend);
  return mcu_add(high, twice >> 31) >> channel->shift;
}

/* One channel's sum by an exact row, not yet clamped. */
MCU_INLINE int32_t mcu_exact_value(int32_t sum, const mcu_channel *channel, int32_t zero_point) {
  return mcu_add(
      mcu_requantise(mcu_add(sum, channel->bias), channel->multiplier, channel->shift),
      zero_point);
}

/* The nearest int8 value. */
MCU_INLINE int32_t mcu_saturate(int32_t value) {
#if defined(MCU_USES_DSP)
  return __ssat(value, 8);
#else
  return mcu_clamp(value, -128, 127);
#endif
}

/* How an operator's sums become its outputs: loops are compiled once for each. */
typedef enum {
  /* Quick rows, and a range that is int8's own. */
  MCU_QUICK,
  /* Quick rows and a narrower range. */
  MCU_QUICK_CLAMPED,
  MCU_EXACT,
} mcu_finish_form;

MCU_INLINE mcu_finish_form mcu_form_of(mcu_range range) {
  if (!range.quick) { return MCU_EXACT; }
  return range.low == -128 && range.high == 127 ? MCU_QUICK : MCU_QUICK_CLAMPED;
}

/* One channel's sum as its int8 value. */
MCU_INLINE int8_t mcu_finish_as(
    mcu_finish_form form, int32_t sum, const mcu_channel *channel, mcu_range range) {
  if (form == MCU_QUICK) { return (int8_t)mcu_saturate(mcu_quick_value(sum, channel)); }
  int32_t value = form == MCU_EXACT ? mcu_exact_value(sum, channel, range.zero_point)
                                    : mcu_quick_value(sum, channel);
  return (int8_t)mcu_clamp(value, range.low, range.high);
}

/* The same, its form looked up. */
MCU_INLINE int8_t mcu_finish(int32_t sum, const mcu_channel *channel, mcu_range range) {
  return mcu_finish_as(mcu_form_of(range), sum, channel, range);
}

/* Two neighbouring channels' sums; both rows are read before anything is written. */
MCU_INLINE void mcu_finish_neighbours(
    mcu_finish_form form, int32_t sum, int32_t other, const mcu_channel *channels,
    mcu_range range, int8_t *output) {
  mcu_channel row = channels[0], other_row = channels[1];
  int8_t value = mcu_finish_as(form, sum, &row, range);
  output[1] = mcu_finish_as(form, other, &other_row, range);
  output[0] = value;
}

#endif
