import SeededRandom

/// Every string of `length` symbols.
func everyString(alphabetSize: Int, length: Int) -> some Sequence<[UInt8]> {
  let count = (0..<length).reduce(1) { product, _ in product * alphabetSize }
  return (0..<count).lazy.map { number in
    var rest = number
    return (0..<length).map { _ in
      defer { rest /= alphabetSize }
      return UInt8(rest % alphabetSize)
    }
  }
}

/// Symbols like features: long runs, with a liking for low symbols, and noise now and then.
func runs(
  of alphabetSize: Int, count: Int, using random: inout SplitMix64
) -> [UInt8] {
  var symbols: [UInt8] = []
  while symbols.count < count {
    let pair = noise(of: alphabetSize, count: 2, using: &random)
    let length = Int.random(in: 1...12, using: &random)
    symbols += Array(repeating: min(pair[0], pair[1]), count: length)
  }
  return Array(symbols.prefix(count))
}

func noise(
  of alphabetSize: Int, count: Int, using random: inout SplitMix64
) -> [UInt8] {
  (0..<count).map { _ in UInt8(Int.random(in: 0..<alphabetSize, using: &random)) }
}

/// Symbols whose pairs are all different for as long as there are any: what LZW makes least of.
///
/// A de Bruijn sequence of order two, by walking every edge once: from a symbol, to each that it has
/// not been followed by.
func newPairs(of alphabetSize: Int, count: Int) -> [UInt8] {
  var next = Array(repeating: alphabetSize - 1, count: alphabetSize)
  var symbols: [UInt8] = count > 0 ? [0] : []
  var current = 0
  while symbols.count < count {
    let following = next[current] >= 0 ? next[current] : 0
    next[current] -= 1
    symbols.append(UInt8(following))
    current = following
  }
  return symbols
}
