import SeededRandom
import Testing

@testable import FeatureCoding

/// Coders with symbols like features and, for the range coder, tables fitted to others of the kind.
struct Coded: CustomTestStringConvertible {
  let code: SymbolCode
  let symbols: [UInt8]

  var testDescription: String {
    "\(code.coder), \(code.shape.height)x\(code.shape.width)x\(code.shape.channels), "
      + "\(code.alphabetSize) symbols"
  }

  init(
    _ coder: Coder, _ height: Int, _ width: Int, _ channels: Int, alphabetSize: Int, seed: UInt64
  ) throws {
    let shape = SymbolShape(height: height, width: width, channels: channels)
    var random = SplitMix64(seed: seed)
    let images = (0..<6).map { _ in
      Self.image(shape, alphabetSize: alphabetSize, using: &random)
    }
    let tables =
      coder == .range
      ? try RangeFitter.fit(images, shape: shape, alphabetSize: alphabetSize, contexts: 12) : nil
    code = try SymbolCode(coder, shape: shape, alphabetSize: alphabetSize, tables: tables)
    symbols = Self.image(shape, alphabetSize: alphabetSize, using: &random)
  }

  /// Mostly like the left, the upper or the previous channel's symbol, low ones more often.
  static func image(
    _ shape: SymbolShape, alphabetSize: Int, using random: inout SplitMix64
  ) -> [UInt8] {
    var symbols: [UInt8] = []
    for index in 0..<shape.count {
      let choice = Int.random(in: 0..<10, using: &random)
      let distance = [1, 1, 1, shape.width, shape.width, shape.plane, shape.plane]
      if choice < distance.count, index >= distance[choice] {
        symbols.append(symbols[index - distance[choice]])
      } else {
        let pair = noise(of: alphabetSize, count: 2, using: &random)
        symbols.append(choice == 9 ? pair[0] : min(pair[0], pair[1]))
      }
    }
    return symbols
  }

  /// All coders over shapes and alphabets of all kinds.
  static let samples: [Coded] = {
    let shapes = [
      (1, 1, 1, 1), (1, 1, 1, 8), (1, 7, 3, 2), (6, 1, 4, 8), (4, 5, 6, 8), (3, 4, 5, 40),
      (5, 4, 2, 256),
    ]
    var samples: [Coded] = []
    for (number, (height, width, channels, alphabetSize)) in shapes.enumerated() {
      for coder in Coder.allCases {
        do {
          samples.append(
            try Coded(
              coder, height, width, channels, alphabetSize: alphabetSize, seed: UInt64(number)))
        } catch {
          fatalError("\(error)")
        }
      }
    }
    return samples
  }()
}
