#if !hasFeature(Embedded)
  /// Solves symmetric systems by Cholesky's factors.
  ///
  /// A small multiple of the identity is added, so that what never occurs, or occurs only together
  /// with something else, has a solution too.
  struct LeastSquares {
    private let size: Int
    private var factor: [Double]

    /// - Parameter product: the sum of products of columns i and j.
    init(_ size: Int, product: (Int, Int) -> Double) {
      self.size = size
      factor = Array(repeating: 0, count: size * size)
      for i in 0..<size {
        for j in 0...i {
          var sum = product(i, j)
          if i == j { sum += 1 + 1e-9 * sum }
          for k in 0..<j { sum -= factor[i * size + k] * factor[j * size + k] }
          if i == j {
            factor[i * size + i] = max(sum, 1e-6).squareRoot()
          } else {
            factor[i * size + j] = sum / factor[j * size + j]
          }
        }
      }
    }

    /// The weights of the columns.
    ///
    /// - Parameter target: the sum of products of a column and the target.
    func weights(_ target: (Int) -> Double) -> [Double] {
      var weights = forward(target)
      for i in (0..<size).reversed() {
        for k in i + 1..<max(size, i + 1) { weights[i] -= factor[k * size + i] * weights[k] }
        weights[i] /= factor[i * size + i]
      }
      return weights
    }

    /// The part of the target's sum of squares that the columns explain.
    func explained(_ target: (Int) -> Double) -> Double {
      forward(target).reduce(0) { $0 + $1 * $1 }
    }

    private func forward(_ target: (Int) -> Double) -> [Double] {
      var values = (0..<size).map(target)
      for i in 0..<size {
        for k in 0..<i { values[i] -= factor[i * size + k] * values[k] }
        values[i] /= factor[i * size + i]
      }
      return values
    }
  }
#endif
