/*
 * The few inner loops of the int8 kernels that Swift cannot say as well. Each has up to three forms
 * behind one name: dual 16-bit multiply-accumulates on a Cortex-M with the DSP extension, AVX2 on an
 * x86-64 host that has it (chosen when the program runs), and plain C. All give the same bits: sums
 * wrap modulo 2^32, as the accumulators of the reference kernels do.
 *
 * `offset` is an input's negated zero point, from -127 to 128, so that x + offset fits nine bits and
 * its product with a weight sixteen.
 */
#ifndef MCU_INTRINSICS_H
#define MCU_INTRINSICS_H

#include "mcu_platform.h"

#include "mcu_requantise.h"

#include "mcu_addition.h"
#include "mcu_columns.h"
#include "mcu_dense.h"
#include "mcu_depthwise.h"

#endif
