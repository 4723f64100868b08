/*
 * The loops' form for x86-64 hosts with AVX2, and the choice between it and plain C. On other
 * machines this file is empty: all that the chip runs is in the headers.
 */
#include "MCUIntrinsics.h"

#if defined(MCU_MAY_USE_AVX2)

#include <immintrin.h>
#include <stdatomic.h>

#define MCU_AVX2 __attribute__((target("avx2")))
#define MCU_AVX2_INLINE static inline __attribute__((always_inline, target("avx2")))

static atomic_bool portable_only;

bool mcu_uses_avx2(void) {
  return !atomic_load_explicit(&portable_only, memory_order_relaxed) &&
         __builtin_cpu_supports("avx2");
}

void mcu_use_portable(bool portable) {
  atomic_store_explicit(&portable_only, portable, memory_order_relaxed);
}

/* --- Finishing: eight sums at a time ------------------------------------------------------- */

/* The rows of eight sums, a lane each. */
typedef struct {
  __m256i bias, multiplier, shift, addend;
} rows8;

/* Rows of four channels, in both halves. */
MCU_AVX2_INLINE rows8 load_rows4(const mcu_channel *channels) {
  const __m128i *rows = (const __m128i *)channels;
  __m128i a = _mm_loadu_si128(rows), b = _mm_loadu_si128(rows + 1);
  __m128i c = _mm_loadu_si128(rows + 2), d = _mm_loadu_si128(rows + 3);
  __m128i ab = _mm_unpacklo_epi32(a, b), cd = _mm_unpacklo_epi32(c, d);
  __m128i ab_high = _mm_unpackhi_epi32(a, b), cd_high = _mm_unpackhi_epi32(c, d);
  rows8 result = {
      _mm256_broadcastsi128_si256(_mm_unpacklo_epi64(ab, cd)),
      _mm256_broadcastsi128_si256(_mm_unpackhi_epi64(ab, cd)),
      _mm256_broadcastsi128_si256(_mm_unpacklo_epi64(ab_high, cd_high)),
      _mm256_broadcastsi128_si256(_mm_unpackhi_epi64(ab_high, cd_high)),
  };
  return result;
}

MCU_AVX2_INLINE rows8 join(rows8 low, rows8 high) {
  rows8 result = {
      _mm256_blend_epi32(low.bias, high.bias, 0xF0),
      _mm256_blend_epi32(low.multiplier, high.multiplier, 0xF0),
      _mm256_blend_epi32(low.shift, high.shift, 0xF0),
      _mm256_blend_epi32(low.addend, high.addend, 0xF0),
  };
  return result;
}

/* mcu_high_multiply, lane by lane. */
MCU_AVX2_INLINE __m256i high_multiply(__m256i twice, __m256i multiplier, __m256i addend) {
  __m256i half = _mm256_set1_epi64x(INT64_C(1) << 31);
  __m256i even = _mm256_add_epi64(_mm256_mul_epi32(twice, multiplier), half);
  __m256i odd = _mm256_add_epi64(
      _mm256_mul_epi32(_mm256_srli_epi64(twice, 32), _mm256_srli_epi64(multiplier, 32)), half);
  __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
  return _mm256_add_epi32(high, addend);
}

/* Eight lanes as their low bytes, saturated to int8 and held in the range. */
MCU_AVX2_INLINE int64_t narrow(__m256i values, mcu_range range) {
  __m128i halves = _mm_packs_epi32(
      _mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
  __m128i bytes = _mm_packs_epi16(halves, halves);
  bytes = _mm_min_epi8(
      _mm_max_epi8(bytes, _mm_set1_epi8((char)range.low)), _mm_set1_epi8((char)range.high));
  return _mm_cvtsi128_si64(bytes);
}

/* mcu_quick_value of eight sums, clamped. */
MCU_AVX2_INLINE int64_t finish8(__m256i sums, rows8 rows, mcu_range range) {
  __m256i twice = _mm256_add_epi32(rows.bias, _mm256_slli_epi32(sums, 1));
  __m256i high = high_multiply(twice, rows.multiplier, rows.addend);
  high = _mm256_add_epi32(high, _mm256_srai_epi32(twice, 31));
  return narrow(_mm256_srav_epi32(high, rows.shift), range);
}

MCU_AVX2_INLINE void finish_exactly(
    __m256i sums, const mcu_channel *channels, int count, mcu_range range, int8_t *output) {
  int32_t lanes[8];
  _mm256_storeu_si256((__m256i *)lanes, sums);
  for (int i = 0; i < count; i++) { output[i] = mcu_finish(lanes[i], channels + i, range); }
}

/* The sums of the lanes of four vectors. */
MCU_AVX2_INLINE __m128i totals(__m256i a, __m256i b, __m256i c, __m256i d) {
  __m256i pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
  return _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
}

/* The first `count` of eight 32-bit lanes, for masked loads. */
MCU_AVX2_INLINE __m256i first_lanes(ptrdiff_t count) {
  return _mm256_cmpgt_epi32(
      _mm256_set1_epi32((int32_t)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* --- Convolution --------------------------------------------------------------------------- */

MCU_AVX2_INLINE __m256i multiply16(__m256i sums, __m256i taps, __m128i weights) {
  return _mm256_add_epi32(sums, _mm256_madd_epi16(taps, _mm256_cvtepi8_epi16(weights)));
}

/* A pair of rows, four taps of each in turn, as sixteen taps of one and sixteen of the other. */
MCU_AVX2_INLINE __m256i unpair(__m256i rows) {
  return _mm256_permutevar8x32_epi32(rows, _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
}

/* sums of both pixels (x, y) and four channels, two pairs of rows: the channels of x, then of y. */
MCU_AVX2_INLINE void multiply4x2(__m256i sums[8], __m256i x, __m256i y, __m256i one, __m256i two) {
  __m128i rows[4] = {
      _mm256_castsi256_si128(one), _mm256_extracti128_si256(one, 1),
      _mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1)};
  for (int i = 0; i < 4; i++) {
    __m256i row = _mm256_cvtepi8_epi16(rows[i]);
    sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(x, row));
    sums[4 + i] = _mm256_add_epi32(sums[4 + i], _mm256_madd_epi16(y, row));
  }
}

/* Four channels' sums of one pixel in the lower half, of the other in the upper. */
MCU_AVX2_INLINE __m256i sums4x2(
    const int16_t *columns, ptrdiff_t depth, const int8_t *weights) {
  __m256i sums[8];
  for (int i = 0; i < 8; i++) { sums[i] = _mm256_setzero_si256(); }
  const int8_t *other = weights + 2 * depth;
  ptrdiff_t tap = 0;
  for (; tap + 16 <= depth; tap += 16) {
    multiply4x2(
        sums, _mm256_loadu_si256((const __m256i *)(columns + tap)),
        _mm256_loadu_si256((const __m256i *)(columns + depth + tap)),
        unpair(_mm256_loadu_si256((const __m256i *)(weights + 2 * tap))),
        unpair(_mm256_loadu_si256((const __m256i *)(other + 2 * tap))));
  }
  if (tap < depth) {
    /* A lane has two taps of a column, and a pair of lanes four taps of both rows. */
    __m256i mask = first_lanes((depth - tap) / 2);
    multiply4x2(
        sums, _mm256_maskload_epi32((const int *)(columns + tap), mask),
        _mm256_maskload_epi32((const int *)(columns + depth + tap), mask),
        unpair(_mm256_maskload_epi32((const int *)(weights + 2 * tap), mask)),
        unpair(_mm256_maskload_epi32((const int *)(other + 2 * tap), mask)));
  }
  return _mm256_set_m128i(
      totals(sums[4], sums[5], sums[6], sums[7]), totals(sums[0], sums[1], sums[2], sums[3]));
}

MCU_AVX2 static void multiply_columns(
    const int16_t *columns, ptrdiff_t depth, const int8_t *weights, ptrdiff_t outputs,
    const mcu_channel *channels, mcu_range range, int8_t *first, int8_t *second) {
  ptrdiff_t channel = 0;
  for (; channel + 4 <= outputs; channel += 4) {
    __m256i sums = sums4x2(columns, depth, weights + channel * depth);
    if (range.quick) {
      int64_t bytes = finish8(sums, load_rows4(channels + channel), range);
      __builtin_memcpy(second + channel, (char *)&bytes + 4, 4);
      __builtin_memcpy(first + channel, &bytes, 4);
    } else {
      __m256i swapped = _mm256_permute2x128_si256(sums, sums, 1);
      finish_exactly(swapped, channels + channel, 4, range, second + channel);
      finish_exactly(sums, channels + channel, 4, range, first + channel);
    }
  }
  mcu_multiply_columns_portable(
      columns, depth, weights, channel, outputs, channels, range, first, second);
}

void mcu_multiply_columns(
    const int16_t *columns, ptrdiff_t depth, const int8_t *weights, ptrdiff_t outputs,
    const mcu_channel *channels, mcu_range range, int8_t *first, int8_t *second) {
  if (mcu_uses_avx2()) {
    multiply_columns(columns, depth, weights, outputs, channels, range, first, second);
  } else {
    mcu_multiply_columns_portable(
        columns, depth, weights, 0, outputs, channels, range, first, second);
  }
}

/* --- Depthwise convolution ----------------------------------------------------------------- */

MCU_AVX2_INLINE __m128i load4(const int8_t *bytes) {
  int32_t word;
  __builtin_memcpy(&word, bytes, 4);
  return _mm_cvtsi32_si128(word);
}

/* Eight channels, two blocks of four, or four in the lower lanes. */
MCU_AVX2_INLINE __m256i depthwise_sums(
    const mcu_taps *taps, const int8_t *weights, ptrdiff_t channel, bool eight) {
  __m256i sums = _mm256_setzero_si256();
  __m256i offset = _mm256_set1_epi32(taps->offset);
  const int8_t *block = mcu_block(taps, weights, channel);
  const int8_t *next = mcu_block(taps, weights, channel + 4);
  for (ptrdiff_t i = 0; i < taps->rows; i++) {
    const int8_t *x = taps->x + channel + i * taps->row_stride;
    for (ptrdiff_t j = 0; j < taps->columns; j++) {
      ptrdiff_t tap = 4 * (i * taps->kernel_width + j);
      __m128i bytes = eight ? _mm_loadl_epi64((const __m128i *)x) : load4(x);
      __m128i row = load4(block + tap);
      if (eight) { row = _mm_unpacklo_epi32(row, load4(next + tap)); }
      __m256i values = _mm256_add_epi32(_mm256_cvtepi8_epi32(bytes), offset);
      /* Both factors fit 16 bits, so that a pairwise product of halves is the product: the upper
         half of a value meets the zero that the mask leaves of a weight's. */
      __m256i low = _mm256_and_si256(_mm256_cvtepi8_epi32(row), _mm256_set1_epi32(0xFFFF));
      sums = _mm256_add_epi32(sums, _mm256_madd_epi16(values, low));
      x += taps->column_stride;
    }
  }
  return sums;
}

MCU_AVX2 static void depthwise(
    const mcu_taps *taps, const int8_t *weights, ptrdiff_t outputs, const mcu_channel *channels,
    mcu_range range, int8_t *output) {
  ptrdiff_t channel = 0;
  for (; channel + 8 <= outputs; channel += 8) {
    __m256i sums = depthwise_sums(taps, weights, channel, true);
    if (range.quick) {
      rows8 rows = join(load_rows4(channels + channel), load_rows4(channels + channel + 4));
      int64_t bytes = finish8(sums, rows, range);
      __builtin_memcpy(output + channel, &bytes, 8);
    } else {
      finish_exactly(sums, channels + channel, 8, range, output + channel);
    }
  }
  if (channel + 4 <= outputs) {
    __m256i sums = depthwise_sums(taps, weights, channel, false);
    if (range.quick) {
      int64_t bytes = finish8(sums, load_rows4(channels + channel), range);
      __builtin_memcpy(output + channel, &bytes, 4);
    } else {
      finish_exactly(sums, channels + channel, 4, range, output + channel);
    }
    channel += 4;
  }
  mcu_depthwise_portable(taps, weights, channel, outputs, channels, range, output);
}

void mcu_depthwise(
    const mcu_taps *taps, ptrdiff_t count, ptrdiff_t step, const int8_t *weights,
    ptrdiff_t outputs, const mcu_channel *channels, mcu_range range, int8_t *output) {
  mcu_taps pixel = *taps;
  bool uses_avx2 = mcu_uses_avx2();
  for (; count > 0; count--) {
    if (uses_avx2) {
      depthwise(&pixel, weights, outputs, channels, range, output);
    } else {
      mcu_depthwise_portable(&pixel, weights, 0, outputs, channels, range, output);
    }
    pixel.x += step;
    output += outputs;
  }
}

/* --- Fully connected layer ------------------------------------------------------------------ */

MCU_AVX2 static void dense(
    mcu_inputs inputs, const int8_t *weights, ptrdiff_t outputs, const mcu_channel *channels,
    mcu_range range, int8_t *results) {
  ptrdiff_t depth = inputs.depth, whole = depth & ~(ptrdiff_t)15, output = 0;
  __m256i offset = _mm256_set1_epi16((int16_t)inputs.offset);
  for (; output + 4 <= outputs; output += 4) {
    const int8_t *rows = weights + output * depth;
    __m256i sums[4];
    for (int i = 0; i < 4; i++) { sums[i] = _mm256_setzero_si256(); }
    for (ptrdiff_t tap = 0; tap < whole; tap += 16) {
      __m256i x = _mm256_add_epi16(
          _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(inputs.x + tap))), offset);
      for (int i = 0; i < 4; i++) {
        sums[i] = multiply16(
            sums[i], x, _mm_loadu_si128((const __m128i *)(rows + i * depth + tap)));
      }
    }
    int32_t lanes[4];
    _mm_storeu_si128((__m128i *)lanes, totals(sums[0], sums[1], sums[2], sums[3]));
    for (int i = 0; i < 4; i++) {
      int32_t rest = mcu_dense_sum(inputs, whole, rows + i * depth);
      int32_t sum = mcu_add(mcu_add(lanes[i], rest), inputs.common);
      results[output + i] = mcu_finish(sum, channels + output + i, range);
    }
  }
  mcu_dense_portable(inputs, weights, output, outputs, channels, range, results);
}

void mcu_dense(
    mcu_inputs inputs, const int8_t *weights, ptrdiff_t outputs, const mcu_channel *channels,
    mcu_range range, int8_t *results) {
  if (mcu_uses_avx2()) {
    dense(inputs, weights, outputs, channels, range, results);
  } else {
    mcu_dense_portable(inputs, weights, 0, outputs, channels, range, results);
  }
}

/* --- Addition ------------------------------------------------------------------------------- */

/* The table's entries for eight values. */
MCU_AVX2_INLINE __m256i look_up(const int32_t *table, const int8_t *x) {
  __m256i values = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)x));
  return _mm256_i32gather_epi32((const int *)table + 128, values, 4);
}

/* Returns how many elements it has done. */
MCU_AVX2 static ptrdiff_t add_run(
    const int8_t *x, const int8_t *y, ptrdiff_t count, const mcu_addition *addition,
    int8_t *output) {
  mcu_channel channel = addition->channel;
  rows8 rows = {
      _mm256_set1_epi32(channel.bias), _mm256_set1_epi32(channel.multiplier),
      _mm256_set1_epi32(channel.shift), _mm256_set1_epi32(channel.addend)};
  ptrdiff_t i = 0;
  for (; i + 8 <= count; i += 8) {
    __m256i sums = _mm256_add_epi32(
        look_up(addition->first, x + i), look_up(addition->second, y + i));
    int64_t bytes = finish8(sums, rows, addition->range);
    __builtin_memcpy(output + i, &bytes, 8);
  }
  return i;
}

void mcu_add_run(
    mcu_operands operands, ptrdiff_t count, const mcu_addition *addition, int8_t *output) {
  ptrdiff_t done = 0;
  if (addition->range.quick && operands.x_stride == 1 && operands.y_stride == 1 &&
      mcu_uses_avx2()) {
    done = add_run(operands.x, operands.y, count, addition, output);
    operands.x += done;
    operands.y += done;
  }
  mcu_add_run_portable(operands, count - done, addition, output + done);
}

#endif
