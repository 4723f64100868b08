/*
 * What the compiler calls and no library brings for this target: moving memory and 64-bit
 * arithmetic. A broken precondition is an undefined instruction, and so a fault.
 */
#include <firmware.h>
#include <stddef.h>

typedef uint32_t __attribute__((may_alias, aligned(1))) any_word;

/* Unaligned words are no fault on this core, and far faster than bytes. */
__attribute__((used)) void *memmove(void *to, const void *from, size_t count) {
  uint8_t *target = to;
  const uint8_t *source = from;
  if (target == source || count == 0) return to;
  if (target < source || target >= source + count) {
    /* Four at a time: the program moves records of a hundred bytes and more. */
    for (; count >= 16; count -= 16, target += 16, source += 16) {
      uint32_t a = ((const any_word *)source)[0], b = ((const any_word *)source)[1];
      uint32_t c = ((const any_word *)source)[2], d = ((const any_word *)source)[3];
      ((any_word *)target)[0] = a, ((any_word *)target)[1] = b;
      ((any_word *)target)[2] = c, ((any_word *)target)[3] = d;
    }
    for (; count >= 4; count -= 4, target += 4, source += 4) {
      *(any_word *)target = *(const any_word *)source;
    }
    while (count--) *target++ = *source++;
  } else {
    target += count;
    source += count;
    for (; count >= 4; count -= 4) {
      target -= 4;
      source -= 4;
      *(any_word *)target = *(const any_word *)source;
    }
    while (count--) *--target = *--source;
  }
  return to;
}

__attribute__((used)) void *memcpy(void *to, const void *from, size_t count) {
  return memmove(to, from, count);
}

__attribute__((used)) void *memset(void *to, int value, size_t count) {
  uint8_t *target = to;
  uint32_t word = (uint8_t)value * 0x01010101u;
  for (; count >= 4; count -= 4, target += 4) *(any_word *)target = word;
  while (count--) *target++ = (uint8_t)word;
  return to;
}

__attribute__((used)) int memcmp(const void *left, const void *right, size_t count) {
  const uint8_t *a = left, *b = right;
  for (; count--; a++, b++) {
    if (*a != *b) return *a - *b;
  }
  return 0;
}

/* The ABI's own names (Arm's run-time ABI, section 4.3.4); memset's has its arguments the other way. */
#define ALIAS(name, of) __asm(".globl " #name "\n.thumb_set " #name ", " #of)
ALIAS(__aeabi_memcpy, memcpy);
ALIAS(__aeabi_memcpy4, memcpy);
ALIAS(__aeabi_memcpy8, memcpy);
ALIAS(__aeabi_memmove, memmove);
ALIAS(__aeabi_memmove4, memmove);
ALIAS(__aeabi_memmove8, memmove);

__attribute__((used)) void __aeabi_memset(void *to, size_t count, int value) {
  memset(to, value, count);
}
ALIAS(__aeabi_memset4, __aeabi_memset);
ALIAS(__aeabi_memset8, __aeabi_memset);

__attribute__((used)) void __aeabi_memclr(void *to, size_t count) { memset(to, 0, count); }
ALIAS(__aeabi_memclr4, __aeabi_memclr);
ALIAS(__aeabi_memclr8, __aeabi_memclr);

/* The core divides 32 bits itself. Else restoring division, a bit at a time: none of it is in an inner
 * loop. */
__attribute__((used)) uint64_t firmware_divide(
    uint64_t dividend, uint64_t divisor, uint64_t *remainder) {
  if (dividend <= UINT32_MAX && divisor <= UINT32_MAX) {
    *remainder = (uint32_t)dividend % (uint32_t)divisor;
    return (uint32_t)dividend / (uint32_t)divisor;
  }
  uint64_t quotient = 0, rest = 0;
  for (int bit = 63; bit >= 0; bit--) {
    uint64_t carry = rest >> 63;
    rest = rest << 1 | (dividend >> bit & 1);
    if (carry || rest >= divisor) {
      rest -= divisor;
      quotient |= UINT64_C(1) << bit;
    }
  }
  *remainder = rest;
  return quotient;
}

__attribute__((used)) int64_t firmware_divide_signed(
    int64_t dividend, int64_t divisor, int64_t *remainder) {
  uint64_t rest;
  uint64_t a = dividend < 0 ? 0 - (uint64_t)dividend : (uint64_t)dividend;
  uint64_t b = divisor < 0 ? 0 - (uint64_t)divisor : (uint64_t)divisor;
  uint64_t quotient = firmware_divide(a, b, &rest);
  *remainder = (int64_t)(dividend < 0 ? 0 - rest : rest);
  return (int64_t)((dividend < 0) != (divisor < 0) ? 0 - quotient : quotient);
}

/* The quotient comes back in r0 and r1, the remainder in r2 and r3, which C cannot say. */
#define DIVISION(name, function)                                \
  __attribute__((used, naked)) void name(void) {                \
    __asm volatile(                                             \
        "push {r6, lr}\n"                                       \
        "sub sp, #16\n"                                         \
        "add r6, sp, #8\n"                                      \
        "str r6, [sp]\n"                                        \
        "bl " #function "\n"                                    \
        "ldrd r2, r3, [sp, #8]\n"                               \
        "add sp, #16\n"                                         \
        "pop {r6, pc}");                                        \
  }
DIVISION(__aeabi_uldivmod, firmware_divide)
DIVISION(__aeabi_ldivmod, firmware_divide_signed)

/* To the nearest float, ties to even; the run-time ABI passes floats in core registers here. */
__attribute__((used, pcs("aapcs"))) float __aeabi_l2f(int64_t value) {
  if (value == (int32_t)value) return (float)(int32_t)value;
  uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  int exponent = 63 - __builtin_clzll(magnitude);
  int dropped = exponent - 23;
  uint64_t kept = magnitude >> dropped, rest = magnitude & ((UINT64_C(1) << dropped) - 1);
  uint64_t half = UINT64_C(1) << (dropped - 1);
  if (rest > half || (rest == half && (kept & 1))) kept++;
  /* A carry out of the fraction raises the exponent, as it should. */
  union {
    uint32_t bits;
    float value;
  } result = {(uint32_t)(value < 0) << 31 |
              (((uint32_t)exponent + 127) << 23) + ((uint32_t)kept - (1u << 23))};
  return result.value;
}
