// What PyTorch is slow at on a CPU when EfficientNet-Lite0 trains: depthwise convolutions with their
// gradients, and batch norm with ReLU6 and theirs. Maps are [B,H,W,C] in float32 or bfloat16, sums and
// parameters in float32, one thread a call; `fused.py` checks sizes, compiles and calls this.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace {

struct Half { // bfloat16
  uint16_t bits;
};

inline float get(float value) { return value; }
inline float get(Half value) {
  const uint32_t bits = uint32_t(value.bits) << 16;
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}
inline void put(float &to, float value) { to = value; }
inline void put(Half &to, float value) { // to nearest, ties to even
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  to.bits = uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

constexpr int lanes = 16;
typedef float Lanes __attribute__((vector_size(lanes * sizeof(float))));

struct Shape {
  long batch, height, width, channels, stride, before, outHeight, outWidth;

  template <int K> long paddedHeight() const { return std::max((outHeight - 1) * stride + K, before + height); }
  template <int K> long paddedWidth() const { return std::max((outWidth - 1) * stride + K, before + width); }
};

// Sixteen channels of one image's map, as float32 [height,width].
template <class T>
void unpack(const T *from, Lanes *to, long height, long width, long channels, long pitch) {
  for (long y = 0; y < height; y++)
    for (long x = 0; x < width; x++) {
      float *place = reinterpret_cast<float *>(to + y * pitch + x);
      const T *values = from + (y * width + x) * channels;
      for (int i = 0; i < lanes; i++)
        place[i] = get(values[i]);
    }
}

template <class T>
void pack(const Lanes *from, T *to, long height, long width, long channels, long pitch) {
  for (long y = 0; y < height; y++)
    for (long x = 0; x < width; x++) {
      const float *place = reinterpret_cast<const float *>(from + y * pitch + x);
      T *values = to + (y * width + x) * channels;
      for (int i = 0; i < lanes; i++)
        put(values[i], place[i]);
    }
}

template <int K> void weightsOf(const float *w, const Shape &s, long c, Lanes *weights) {
  for (int tap = 0; tap < K * K; tap++)
    std::memcpy(weights + tap, w + tap * s.channels + c, sizeof(Lanes));
}

template <class T, int K> void forward(const T *x, const float *w, T *y, const Shape &s) {
  const long tall = s.paddedHeight<K>(), wide = s.paddedWidth<K>();
  std::vector<Lanes> plane(tall * wide), out(s.outHeight * s.outWidth);
  Lanes *inside = plane.data() + s.before * wide + s.before;
  for (long c = 0; c < s.channels; c += lanes) {
    Lanes weights[K * K];
    weightsOf<K>(w, s, c, weights);
    for (long b = 0; b < s.batch; b++) {
      unpack(x + b * s.height * s.width * s.channels + c, inside, s.height, s.width, s.channels, wide);
      for (long oy = 0; oy < s.outHeight; oy++)
        for (long ox = 0; ox < s.outWidth; ox++) {
          const Lanes *corner = plane.data() + oy * s.stride * wide + ox * s.stride;
          Lanes sum = {};
          for (int ky = 0; ky < K; ky++)
            for (int kx = 0; kx < K; kx++)
              sum += corner[ky * wide + kx] * weights[ky * K + kx];
          out[oy * s.outWidth + ox] = sum;
        }
      pack(out.data(), y + b * s.outHeight * s.outWidth * s.channels + c, s.outHeight, s.outWidth,
           s.channels, s.outWidth);
    }
  }
}

template <class T, int K>
void backward(const T *gy, const T *x, const float *w, T *gx, float *gw, const Shape &s) {
  const long tall = s.paddedHeight<K>(), wide = s.paddedWidth<K>();
  std::vector<Lanes> plane(tall * wide), back(tall * wide), out(s.outHeight * s.outWidth);
  const long inside = s.before * wide + s.before;
  for (long c = 0; c < s.channels; c += lanes) {
    Lanes weights[K * K], sums[K * K] = {};
    weightsOf<K>(w, s, c, weights);
    for (long b = 0; b < s.batch; b++) {
      const long image = b * s.height * s.width * s.channels + c;
      unpack(x + image, plane.data() + inside, s.height, s.width, s.channels, wide);
      unpack(gy + b * s.outHeight * s.outWidth * s.channels + c, out.data(), s.outHeight, s.outWidth,
             s.channels, s.outWidth);
      std::fill(back.begin(), back.end(), Lanes{});
      for (long oy = 0; oy < s.outHeight; oy++)
        for (int ky = 0; ky < K; ky++) {
          // One row of the kernel stays in registers along a row of the map.
          Lanes row[K], rowSums[K];
          for (int kx = 0; kx < K; kx++)
            row[kx] = weights[ky * K + kx], rowSums[kx] = sums[ky * K + kx];
          const Lanes *from = plane.data() + (oy * s.stride + ky) * wide;
          Lanes *to = back.data() + (oy * s.stride + ky) * wide;
          const Lanes *gradients = out.data() + oy * s.outWidth;
          for (long ox = 0; ox < s.outWidth; ox++, from += s.stride, to += s.stride)
            for (int kx = 0; kx < K; kx++) {
              rowSums[kx] += gradients[ox] * from[kx];
              to[kx] += gradients[ox] * row[kx];
            }
          for (int kx = 0; kx < K; kx++)
            sums[ky * K + kx] = rowSums[kx];
        }
      pack(back.data() + inside, gx + image, s.height, s.width, s.channels, wide);
    }
    for (int tap = 0; tap < K * K; tap++)
      std::memcpy(gw + tap * s.channels + c, sums + tap, sizeof(Lanes));
  }
}

// Sums over rows are taken in single precision over this many, and in double over those sums.
constexpr long chunk = 64;

// Rows that are taken as one, so that also a map of few channels fills the processor's vectors: with 16 or 24
// channels this is five to ten times as fast.
long together(long n, long c) {
  long rows = 1;
  while (rows < 8 && rows * c % 32 && n % (2 * rows) == 0)
    rows *= 2;
  return rows;
}

// Sums over columns that stand for one channel go to the first of them.
void fold(std::vector<double> &sums, long c) {
  for (long j = c; j < long(sums.size()); j++)
    sums[j % c] += sums[j];
}

// The mean and the biased variance of each column of x [n,c].
template <class T>
void moments(const T *__restrict x, float *mean, float *variance, long n, long c) {
  const long wide = together(n, c) * c, rows = n * c / wide;
  std::vector<double> sum(wide), square(wide);
  std::vector<float> part(wide), partSquare(wide), first(wide);
  float *__restrict p = part.data(), *__restrict q = partSquare.data(), *__restrict base = first.data();
  for (long j = 0; j < wide; j++)
    base[j] = get(x[j % c]);
  for (long begin = 0; begin < rows; begin += chunk) {
    std::fill(part.begin(), part.end(), 0.0f);
    std::fill(partSquare.begin(), partSquare.end(), 0.0f);
    for (long i = begin; i < std::min(rows, begin + chunk); i++) {
      const T *__restrict row = x + i * wide;
      for (long j = 0; j < wide; j++) {
        const float d = get(row[j]) - base[j];
        p[j] += d;
        q[j] += d * d;
      }
    }
    for (long j = 0; j < wide; j++)
      sum[j] += p[j], square[j] += q[j];
  }
  fold(sum, c);
  fold(square, c);
  for (long j = 0; j < c; j++) {
    const double offset = sum[j] / n, var = std::max(0.0, square[j] / n - offset * offset);
    mean[j] = float(base[j] + offset);
    variance[j] = float(var);
  }
}

template <class T>
void normForward(const T *__restrict x, const float *gamma, const float *beta, double epsilon,
                 float low, float high, T *__restrict y, const float *mean, const float *variance, long n,
                 long c) {
  const long wide = together(n, c) * c, rows = n * c / wide;
  std::vector<float> scale(wide), shift(wide);
  for (long j = 0; j < wide; j++) {
    scale[j] = float(gamma[j % c] / std::sqrt(variance[j % c] + epsilon));
    shift[j] = beta[j % c] - mean[j % c] * scale[j];
  }
  const float *__restrict a = scale.data(), *__restrict b = shift.data();
  for (long i = 0; i < rows; i++) {
    const T *__restrict row = x + i * wide;
    T *__restrict out = y + i * wide;
    for (long j = 0; j < wide; j++)
      put(out[j], std::min(high, std::max(low, get(row[j]) * a[j] + b[j])));
  }
}

// `given`: the moments did not come from x.
template <bool given, class T>
void normBackward(const T *__restrict gy, const T *__restrict x, const float *gamma,
                  const float *beta, const float *mean, const float *variance, double epsilon,
                  float low, float high, T *__restrict gx, float *ggamma, float *gbeta, long n, long c) {
  const long wide = together(n, c) * c, rows = n * c / wide;
  std::vector<double> sum(wide), product(wide);
  std::vector<float> part(wide), partProduct(wide), middle(wide), inverse(wide), scale(wide), shift(wide);
  std::vector<float> k0(wide), k1(wide);
  for (long j = 0; j < wide; j++) {
    middle[j] = mean[j % c];
    inverse[j] = float(1 / std::sqrt(variance[j % c] + epsilon));
    scale[j] = float(gamma[j % c] / std::sqrt(variance[j % c] + epsilon));
    shift[j] = beta[j % c] - middle[j] * scale[j];
  }
  const float *__restrict a = scale.data(), *__restrict b = shift.data();
  const float *__restrict m = middle.data(), *__restrict v = inverse.data();
  float *__restrict p = part.data(), *__restrict q = partProduct.data();
  for (long begin = 0; begin < rows; begin += chunk) {
    std::fill(part.begin(), part.end(), 0.0f);
    std::fill(partProduct.begin(), partProduct.end(), 0.0f);
    for (long i = begin; i < std::min(rows, begin + chunk); i++) {
      const T *__restrict row = x + i * wide, *__restrict in = gy + i * wide;
      T *__restrict out = gx + i * wide;
      for (long j = 0; j < wide; j++) {
        const float value = get(row[j]), z = value * a[j] + b[j];
        const float g = (z > low) & (z < high) ? get(in[j]) : 0.0f;
        p[j] += g;
        q[j] += g * ((value - m[j]) * v[j]);
        if constexpr (given)
          put(out[j], a[j] * g);
      }
    }
    for (long j = 0; j < wide; j++)
      sum[j] += p[j], product[j] += q[j];
  }
  fold(sum, c);
  fold(product, c);
  for (long j = 0; j < c; j++) {
    gbeta[j] = float(sum[j]);
    ggamma[j] = float(product[j]);
  }
  if (given)
    return;
  for (long j = 0; j < wide; j++) {
    // gx = scale (g - sum / n - xhat product / n), with xhat written out.
    const double slope = product[j % c] / n * inverse[j];
    k1[j] = float(-scale[j] * slope);
    k0[j] = float(-scale[j] * (sum[j % c] / n - slope * middle[j]));
  }
  const float *__restrict c0 = k0.data(), *__restrict c1 = k1.data();
  for (long i = 0; i < rows; i++) {
    const T *__restrict row = x + i * wide, *__restrict in = gy + i * wide;
    T *__restrict out = gx + i * wide;
    for (long j = 0; j < wide; j++) {
      const float value = get(row[j]), z = value * a[j] + b[j];
      const float g = (z > low) & (z < high) ? get(in[j]) : 0.0f;
      put(out[j], a[j] * g + c1[j] * value + c0[j]);
    }
  }
}

} // namespace

// `half`: maps are bfloat16. kernel: 3, 5 or 7; channels: a multiple of 16; w and gw [kernel^2, channels].
extern "C" {

void depthwise_forward(bool half, const void *x, const float *w, void *y, long kernel,
                       const long *sizes) {
  Shape s;
  std::memcpy(&s, sizes, sizeof s);
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    const auto call = kernel == 3 ? forward<T, 3> : kernel == 5 ? forward<T, 5> : forward<T, 7>;
    call((const T *)x, w, (T *)y, s);
  };
  half ? run(Half{}) : run(0.0f);
}

void depthwise_backward(bool half, const void *gy, const void *x, const float *w, void *gx, float *gw,
                        long kernel, const long *sizes) {
  Shape s;
  std::memcpy(&s, sizes, sizeof s);
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    const auto call = kernel == 3 ? backward<T, 3> : kernel == 5 ? backward<T, 5> : backward<T, 7>;
    call((const T *)gy, (const T *)x, w, (T *)gx, gw, s);
  };
  half ? run(Half{}) : run(0.0f);
}

// y = batch norm of x [n,c], within [low,high]; the mean and the biased variance come out, or
// are `given`.
void norm_forward(bool half, const void *x, const float *gamma, const float *beta, double epsilon,
                  bool given, float low, float high, void *y, float *mean, float *variance, long n, long c) {
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    if (!given)
      moments((const T *)x, mean, variance, n, c);
    normForward((const T *)x, gamma, beta, epsilon, low, high, (T *)y, mean, variance, n, c);
  };
  half ? run(Half{}) : run(0.0f);
}

void norm_backward(bool half, const void *gy, const void *x, const float *gamma, const float *beta,
                   const float *mean, const float *variance, double epsilon, bool given, float low, float high, void *gx,
                   float *ggamma, float *gbeta, long n, long c) {
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    const auto call = given ? normBackward<true, T> : normBackward<false, T>;
    call((const T *)gy, (const T *)x, gamma, beta, mean, variance, epsilon, low, high, (T *)gx, ggamma, gbeta, n, c);
  };
  half ? run(Half{}) : run(0.0f);
}

} // extern "C"
