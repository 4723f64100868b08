/* Which form of the inner loops this machine takes, and arithmetic that all share. */
#ifndef MCU_PLATFORM_H
#define MCU_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MCU_INLINE static inline __attribute__((always_inline, unused))

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
#define MCU_USES_DSP 1
#include <arm_acle.h>
#elif defined(__x86_64__)
#define MCU_MAY_USE_AVX2 1
/* Whether the loops run in their AVX2 form: the processor has it, and nobody asked for plain C. */
bool mcu_uses_avx2(void);
/* Has all loops run in plain C from now on, or in this machine's best form again: for tests. */
void mcu_use_portable(bool portable);
#else
MCU_INLINE void mcu_use_portable(bool portable) { (void)portable; }
#endif

/* a + b modulo 2^32. */
MCU_INLINE int32_t mcu_add(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* value, or the nearer end of low...high. */
MCU_INLINE int32_t mcu_clamp(int32_t value, int32_t low, int32_t high) {
  int32_t raised = value < low ? low : value;
  return raised > high ? high : raised;
}

#if defined(MCU_USES_DSP)
/* A word at any address: the core takes four bytes at once wherever they lie. */
MCU_INLINE uint32_t mcu_load4(const int8_t *bytes) {
  uint32_t word;
  __builtin_memcpy(&word, bytes, 4);
  return word;
}

/* Bytes 1 and 3 of word, sign-extended; bytes 0 and 2 are what __sxtb16 gives. */
MCU_INLINE int16x2_t mcu_odd_bytes(uint32_t word) { return __sxtb16(__ror(word, 8)); }

/* `offset` in both halves of a word. */
MCU_INLINE int16x2_t mcu_both_halves(int32_t offset) {
  uint32_t half = (uint32_t)offset & 0xFFFFu;
  return (int16x2_t)(half | (half << 16));
}
#endif

#endif
