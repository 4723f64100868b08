/* The rescaled addition of two int8 tensors. */
#ifndef MCU_ADDITION_H
#define MCU_ADDITION_H

#include "mcu_requantise.h"

/*
 * ADD: each operand's 256 values, scaled, are in a table by value + 128; the sum of two table entries
 * is requantised as a channel's sum is.
 */
typedef struct {
  const int32_t *first, *second;
  mcu_channel channel;
  mcu_range range;
} mcu_addition;

/* Two operands, their elements x_stride and y_stride bytes apart. */
typedef struct {
  const int8_t *x, *y;
  ptrdiff_t x_stride, y_stride;
} mcu_operands;

MCU_INLINE void mcu_add_run_as(
    mcu_finish_form form, mcu_operands operands, ptrdiff_t count, const mcu_addition *addition,
    int8_t *output) {
  const int32_t *first = addition->first + 128, *second = addition->second + 128;
  mcu_channel channel = addition->channel;
  mcu_range range = addition->range;
  const int8_t *x = operands.x, *y = operands.y;
#pragma clang loop unroll(disable)
  for (int8_t *end = output + count; output != end; output++) {
    *output = mcu_finish_as(form, mcu_add(first[*x], second[*y]), &channel, range);
    x += operands.x_stride;
    y += operands.y_stride;
  }
}

/* Plain C, and the chip's form. */
MCU_INLINE void mcu_add_run_portable(
    mcu_operands operands, ptrdiff_t count, const mcu_addition *addition, int8_t *output) {
  switch (mcu_form_of(addition->range)) {
    case MCU_QUICK: mcu_add_run_as(MCU_QUICK, operands, count, addition, output); break;
    case MCU_QUICK_CLAMPED:
      mcu_add_run_as(MCU_QUICK_CLAMPED, operands, count, addition, output);
      break;
    case MCU_EXACT: mcu_add_run_as(MCU_EXACT, operands, count, addition, output); break;
  }
}

/* `count` sums, to `output` in order. */
#if defined(MCU_MAY_USE_AVX2)
void mcu_add_run(
    mcu_operands operands, ptrdiff_t count, const mcu_addition *addition, int8_t *output);
#else
MCU_INLINE void mcu_add_run(
    mcu_operands operands, ptrdiff_t count, const mcu_addition *addition, int8_t *output) {
  mcu_add_run_portable(operands, count, addition, output);
}
#endif

#endif
