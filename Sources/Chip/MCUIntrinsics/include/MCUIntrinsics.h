/*
 * The few inner loops of the int8 kernels that Swift cannot say as well: dual 16-bit
 * multiply-accumulate on a Cortex-M with the DSP extension, SSE2 on an x86-64 host, and plain C
 * everywhere else. All three give the same bits. Sums wrap modulo 2^32, as the accumulators of the
 * reference kernels do.
 *
 * `offset` is an input's negated zero point, from -127 to 128, so that x + offset fits nine bits and
 * its product with a weight sixteen.
 */
#ifndef MCU_INTRINSICS_H
#define MCU_INTRINSICS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
#define MCU_USES_DSP 1
#include <arm_acle.h>
#elif defined(__SSE2__)
#define MCU_USES_SSE2 1
#include <emmintrin.h>
#endif

#define MCU_INLINE static inline __attribute__((always_inline, unused))

/* How the sum of one output channel becomes its int8 value. */
typedef struct {
  int32_t bias, multiplier, shift;
} mcu_channel;

/* a + b modulo 2^32. */
MCU_INLINE int32_t mcu_add(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

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

/* value, or the nearer end of low...high. */
MCU_INLINE int32_t mcu_clamp(int32_t value, int32_t low, int32_t high) {
  int32_t raised = value < low ? low : value;
  return raised > high ? high : raised;
}

/* One channel's sum as its int8 value. */
MCU_INLINE int8_t mcu_finish(
    int32_t sum, const mcu_channel *channel, int32_t zero_point, int32_t low, int32_t high) {
  int32_t scaled =
      mcu_requantise(mcu_add(sum, channel->bias), channel->multiplier, channel->shift);
  return (int8_t)mcu_clamp(mcu_add(scaled, zero_point), low, high);
}

#if defined(MCU_USES_DSP)
MCU_INLINE uint32_t mcu_load4(const int8_t *bytes) {
  uint32_t word;
  __builtin_memcpy(&word, bytes, 4);
  return word;
}

/* Bytes 1 and 3 of word, sign-extended; bytes 0 and 2 are what __sxtb16 gives. */
MCU_INLINE int16x2_t mcu_odd_bytes(uint32_t word) { return __sxtb16(__ror(word, 8)); }

/* sum + the four products of the bytes at weights with even and odd inputs. */
MCU_INLINE int32_t mcu_multiply4(
    int32_t sum, int16x2_t even, int16x2_t odd, const int8_t *weights) {
  uint32_t word = mcu_load4(weights);
  return __smlad(odd, mcu_odd_bytes(word), __smlad(even, __sxtb16(word), sum));
}
#endif

#if defined(MCU_USES_SSE2)
/* Four int8 values as four int16 values and four zeros. */
MCU_INLINE __m128i mcu_load4(const int8_t *bytes) {
  int32_t word;
  __builtin_memcpy(&word, bytes, 4);
  __m128i packed = _mm_cvtsi32_si128(word);
  return _mm_srai_epi16(_mm_unpacklo_epi8(packed, packed), 8);
}

/* Eight int8 values as eight int16 values. */
MCU_INLINE __m128i mcu_load8(const int8_t *bytes) {
  __m128i packed = _mm_loadl_epi64((const __m128i *)bytes);
  return _mm_srai_epi16(_mm_unpacklo_epi8(packed, packed), 8);
}

/* sums + the sixteen products of the bytes at weights with low and high, in pairs. */
MCU_INLINE __m128i mcu_multiply16(
    __m128i sums, __m128i low, __m128i high, const int8_t *weights) {
  __m128i packed = _mm_loadu_si128((const __m128i *)weights);
  __m128i first = _mm_srai_epi16(_mm_unpacklo_epi8(packed, packed), 8);
  __m128i second = _mm_srai_epi16(_mm_unpackhi_epi8(packed, packed), 8);
  return _mm_add_epi32(
      sums, _mm_add_epi32(_mm_madd_epi16(low, first), _mm_madd_epi16(high, second)));
}
#endif

/* Running sums of one output channel. */
typedef struct {
#if defined(MCU_USES_SSE2)
  __m128i lanes;
#else
  int32_t lanes;
#endif
} mcu_sums1;

/* Running sums of four neighbouring output channels. */
typedef struct {
  mcu_sums1 first, second, third, fourth;
} mcu_sums4;

MCU_INLINE mcu_sums1 mcu_zero1(void) {
  mcu_sums1 sums;
  __builtin_memset(&sums, 0, sizeof(sums));
  return sums;
}

MCU_INLINE mcu_sums4 mcu_zero4(void) {
  mcu_sums4 sums;
  __builtin_memset(&sums, 0, sizeof(sums));
  return sums;
}

MCU_INLINE mcu_sums1 mcu_accumulate(mcu_sums1 sums, int32_t product) {
#if defined(MCU_USES_SSE2)
  sums.lanes = _mm_add_epi32(sums.lanes, _mm_cvtsi32_si128(product));
#else
  sums.lanes = mcu_add(sums.lanes, product);
#endif
  return sums;
}

MCU_INLINE int32_t mcu_total(mcu_sums1 sums) {
#if defined(MCU_USES_SSE2)
  __m128i lanes = sums.lanes;
  lanes = _mm_add_epi32(lanes, _mm_shuffle_epi32(lanes, _MM_SHUFFLE(1, 0, 3, 2)));
  lanes = _mm_add_epi32(lanes, _mm_shuffle_epi32(lanes, _MM_SHUFFLE(2, 3, 0, 1)));
  return _mm_cvtsi128_si32(lanes);
#else
  return sums.lanes;
#endif
}

/* sums + the dot product of count values x + offset with count weights. */
MCU_INLINE mcu_sums1 mcu_dot1(
    mcu_sums1 sums, const int8_t *x, int32_t offset, const int8_t *weights, ptrdiff_t count) {
  ptrdiff_t i = 0;
#if defined(MCU_USES_DSP)
  uint32_t half = (uint32_t)offset & 0xFFFFu;
  int16x2_t offsets = (int16x2_t)(half | (half << 16));
  for (; i + 4 <= count; i += 4) {
    uint32_t word = mcu_load4(x + i);
    sums.lanes = mcu_multiply4(
        sums.lanes, __sxtab16(offsets, word), __sxtab16(offsets, __ror(word, 8)), weights + i);
  }
#elif defined(MCU_USES_SSE2)
  __m128i offsets = _mm_set1_epi16((int16_t)offset);
  for (; i + 8 <= count; i += 8) {
    __m128i input = _mm_add_epi16(mcu_load8(x + i), offsets);
    sums.lanes = _mm_add_epi32(sums.lanes, _mm_madd_epi16(input, mcu_load8(weights + i)));
  }
  if (i + 4 <= count) {
    /* The upper four weights are zero, and with them what the offset makes of nothing. */
    __m128i input = _mm_add_epi16(mcu_load4(x + i), offsets);
    sums.lanes = _mm_add_epi32(sums.lanes, _mm_madd_epi16(input, mcu_load4(weights + i)));
    i += 4;
  }
#endif
  for (; i < count; i++) {
    sums = mcu_accumulate(sums, ((int32_t)x[i] + offset) * (int32_t)weights[i]);
  }
  return sums;
}

/* The same with four rows of weights that lie stride bytes apart. */
MCU_INLINE mcu_sums4 mcu_dot4(
    mcu_sums4 sums, const int8_t *x, int32_t offset, const int8_t *weights, ptrdiff_t stride,
    ptrdiff_t count) {
  const int8_t *first = weights;
  const int8_t *second = weights + stride;
  const int8_t *third = weights + 2 * stride;
  const int8_t *fourth = weights + 3 * stride;
  ptrdiff_t i = 0;
#if defined(MCU_USES_DSP)
  uint32_t half = (uint32_t)offset & 0xFFFFu;
  int16x2_t offsets = (int16x2_t)(half | (half << 16));
  for (; i + 4 <= count; i += 4) {
    uint32_t word = mcu_load4(x + i);
    int16x2_t even = __sxtab16(offsets, word);
    int16x2_t odd = __sxtab16(offsets, __ror(word, 8));
    sums.first.lanes = mcu_multiply4(sums.first.lanes, even, odd, first + i);
    sums.second.lanes = mcu_multiply4(sums.second.lanes, even, odd, second + i);
    sums.third.lanes = mcu_multiply4(sums.third.lanes, even, odd, third + i);
    sums.fourth.lanes = mcu_multiply4(sums.fourth.lanes, even, odd, fourth + i);
  }
#elif defined(MCU_USES_SSE2)
  __m128i offsets = _mm_set1_epi16((int16_t)offset);
  for (; i + 16 <= count; i += 16) {
    __m128i packed = _mm_loadu_si128((const __m128i *)(x + i));
    __m128i low = _mm_srai_epi16(_mm_unpacklo_epi8(packed, packed), 8);
    __m128i high = _mm_srai_epi16(_mm_unpackhi_epi8(packed, packed), 8);
    low = _mm_add_epi16(low, offsets);
    high = _mm_add_epi16(high, offsets);
    sums.first.lanes = mcu_multiply16(sums.first.lanes, low, high, first + i);
    sums.second.lanes = mcu_multiply16(sums.second.lanes, low, high, second + i);
    sums.third.lanes = mcu_multiply16(sums.third.lanes, low, high, third + i);
    sums.fourth.lanes = mcu_multiply16(sums.fourth.lanes, low, high, fourth + i);
  }
#endif
  sums.first = mcu_dot1(sums.first, x + i, offset, first + i, count - i);
  sums.second = mcu_dot1(sums.second, x + i, offset, second + i, count - i);
  sums.third = mcu_dot1(sums.third, x + i, offset, third + i, count - i);
  sums.fourth = mcu_dot1(sums.fourth, x + i, offset, fourth + i, count - i);
  return sums;
}

/* Four neighbouring channels' sums, `common` added to each, as their int8 values. */
MCU_INLINE void mcu_finish4(
    mcu_sums4 sums, int32_t common, const mcu_channel *channels, int32_t zero_point, int32_t low,
    int32_t high, int8_t *output) {
  output[0] =
      mcu_finish(mcu_add(mcu_total(sums.first), common), channels, zero_point, low, high);
  output[1] =
      mcu_finish(mcu_add(mcu_total(sums.second), common), channels + 1, zero_point, low, high);
  output[2] =
      mcu_finish(mcu_add(mcu_total(sums.third), common), channels + 2, zero_point, low, high);
  output[3] =
      mcu_finish(mcu_add(mcu_total(sums.fourth), common), channels + 3, zero_point, low, high);
}

/* Running sums of eight neighbouring channels of a depthwise window. */
typedef struct {
#if defined(MCU_USES_SSE2)
  __m128i low, high;
#else
  int32_t lanes[8];
#endif
} mcu_sums8;

MCU_INLINE mcu_sums8 mcu_zero8(void) {
  mcu_sums8 sums;
  __builtin_memset(&sums, 0, sizeof(sums));
  return sums;
}

/* Channel by channel, sums + (x + offset) * weights. */
MCU_INLINE mcu_sums8 mcu_multiply8(
    mcu_sums8 sums, const int8_t *x, int32_t offset, const int8_t *weights) {
#if defined(MCU_USES_SSE2)
  __m128i input = _mm_add_epi16(mcu_load8(x), _mm_set1_epi16((int16_t)offset));
  __m128i products = _mm_mullo_epi16(input, mcu_load8(weights));
  __m128i low = _mm_srai_epi32(_mm_unpacklo_epi16(products, products), 16);
  __m128i high = _mm_srai_epi32(_mm_unpackhi_epi16(products, products), 16);
  sums.low = _mm_add_epi32(sums.low, low);
  sums.high = _mm_add_epi32(sums.high, high);
#else
  for (int lane = 0; lane < 8; lane++) {
    sums.lanes[lane] =
        mcu_add(sums.lanes[lane], ((int32_t)x[lane] + offset) * (int32_t)weights[lane]);
  }
#endif
  return sums;
}

/* Eight neighbouring channels' sums as their int8 values. */
MCU_INLINE void mcu_finish8(
    mcu_sums8 sums, const mcu_channel *channels, int32_t zero_point, int32_t low, int32_t high,
    int8_t *output) {
  int32_t lanes[8];
  __builtin_memcpy(lanes, &sums, sizeof(lanes));
  for (int lane = 0; lane < 8; lane++) {
    output[lane] = mcu_finish(lanes[lane], channels + lane, zero_point, low, high);
  }
}

#endif
