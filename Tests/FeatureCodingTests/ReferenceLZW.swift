/// LZW as `docs/protocol.md` words it, with strings in lists and bits in a list: slow, plain, and
/// nothing in common with the coder under test.
struct ReferenceLZW {
  private let alphabet: [[UInt8]]
  private let codeLimit: Int

  init(alphabetSize: Int, codeLimit: Int = 4096) {
    alphabet = (0..<alphabetSize).map { [UInt8($0)] }
    self.codeLimit = codeLimit
  }

  private func width(_ dictionary: [[UInt8]]) -> Int {
    var bits = 1
    while (1 << bits) < dictionary.count { bits += 1 }
    return bits
  }

  /// The codes with their widths.
  func codes(_ symbols: [UInt8]) -> [(code: Int, bits: Int)] {
    var result: [(Int, Int)] = []
    var dictionary = alphabet
    var index = Dictionary(uniqueKeysWithValues: zip(alphabet, 0...))
    var rest = symbols[...]
    while !rest.isEmpty {
      var length = 1
      while length < rest.count, index[Array(rest.prefix(length + 1))] != nil { length += 1 }
      result.append((index[Array(rest.prefix(length))]!, width(dictionary)))
      let entry = Array(rest.prefix(length + 1))
      rest = rest.dropFirst(length)
      if dictionary.count == codeLimit {
        dictionary = alphabet
        index = Dictionary(uniqueKeysWithValues: zip(alphabet, 0...))
      } else if !rest.isEmpty {
        index[entry] = dictionary.count
        dictionary.append(entry)
      }
    }
    return result
  }

  func encode(_ symbols: [UInt8]) -> [UInt8] {
    var bits: [UInt8] = []
    for (code, width) in codes(symbols) {
      for bit in 0..<width { bits.append(UInt8((code >> bit) & 1)) }
    }
    return stride(from: 0, to: bits.count, by: 8).map { start in
      bits[start..<min(start + 8, bits.count)].reversed().reduce(0) { $0 << 1 | $1 }
    }
  }

  /// nil for anything that is not exactly `symbolCount` symbols.
  func decode(_ payload: [UInt8], symbolCount: Int) -> [UInt8]? {
    let bits = payload.flatMap { byte in (0..<8).map { Int(byte >> $0) & 1 } }
    var position = 0
    var output: [UInt8] = []
    var dictionary = alphabet
    var previous: [UInt8]?
    while output.count < symbolCount {
      // The dictionary as it was for the encoder: the entry that this code completes included.
      let size = dictionary.count + (previous == nil ? 0 : 1)
      var width = 1
      while (1 << width) < size { width += 1 }
      guard position + width <= bits.count else { return nil }
      let code = bits[position..<position + width].reversed().reduce(0) { $0 * 2 + $1 }
      position += width
      let string: [UInt8]
      if code < dictionary.count {
        string = dictionary[code]
      } else if let previous, code == dictionary.count {
        string = previous + [previous[0]]
      } else {
        return nil
      }
      if let previous { dictionary.append(previous + [string[0]]) }
      output += string
      previous = string
      if dictionary.count == codeLimit {
        dictionary = alphabet
        previous = nil
      }
    }
    guard output.count == symbolCount, (position + 7) / 8 == payload.count,
      bits[position...].allSatisfy({ $0 == 0 })
    else { return nil }
    return output
  }
}
