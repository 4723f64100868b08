import BundleFormat
import FeatureCoding
import Foundation
import SeededRandom
import ServerSchemes
import Testing

/// Payloads with bytes changed, lost, repeated and moved, in pieces of any size.
///
/// `AGILENN_MUTATIONS` sets how many for each coder; a failure names its seed.
@Suite struct MutatedPayloadTests {
  private static let count =
    ProcessInfo.processInfo.environment["AGILENN_MUTATIONS"].flatMap { Int($0) } ?? 5_000

  /// Whatever comes, what is decoded stays within the image and the tables.
  @Test(arguments: PathCode.all)
  func everyPayloadIsDecodedOrRefused(with path: PathCode) throws {
    try path.open(missing: [1e9]) { bundle in
      let values = Set(bundle.manifest.paths[0].send?.symbols.first?.valueOf ?? [])
      let served = try TinyFeatures.path(of: bundle)
      let code = try path.code
      var (decoded, refused) = (0, 0)
      for seed in 0..<Self.count {
        var random = SplitMix64(seed: UInt64(seed))
        let limit = Int.random(in: 0...80, using: &random)
        var (payload, count) = try code.encode(PathCode.symbols(seed), limit: limit)
        for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&payload, &random) }
        if Int.random(in: 0..<8, using: &random) == 0 {
          count = Int.random(in: 0...90, using: &random)
        }
        let decoder = served.makeDecoder()
        let result: DecodedPayload
        do {
          result = try decode(payload, count, by: decoder, &random)
        } catch is PayloadError {
          refused += 1
          continue
        }
        decoded += 1
        let features = served.features(result)
        let used = result.symbolsUsed
        #expect(used <= 80 && values.isSuperset(of: features.prefix(used)), "seed \(seed)")
        #expect(features.dropFirst(used).allSatisfy { $0 == 1e9 }, "seed \(seed)")
      }
      #expect(decoded > Self.count / 20 && refused > Self.count / 20)
    }
  }

  private func decode(
    _ payload: [UInt8], _ count: Int, by decoder: PayloadDecoder, _ random: inout SplitMix64
  ) throws -> DecodedPayload {
    var rest = payload[...]
    var certain = 0
    while rest.count > 1, Int.random(in: 0..<4, using: &random) != 0 {
      let size = Int.random(in: 1..<rest.count, using: &random)
      try decoder.append(rest.prefix(size))
      rest = rest.dropFirst(size)
      #expect(decoder.certainSymbols >= certain)
      certain = decoder.certainSymbols
    }
    guard Bool.random(using: &random) else {
      try decoder.append(rest)
      return decoder.cut()
    }
    let result = try decoder.finish(rest, symbolCount: count)
    #expect(result.symbolsUsed == count)
    return result
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    guard let index = bytes.indices.randomElement(using: &random) else { return }
    switch Int.random(in: 0..<5, using: &random) {
    case 0: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
    case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.remove(at: index)
    case 3: bytes.insert(bytes[index], at: Int.random(in: 0...bytes.count, using: &random))
    default: bytes.removeSubrange(index...)
    }
  }
}
