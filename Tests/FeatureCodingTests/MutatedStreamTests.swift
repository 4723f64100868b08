import SeededRandom
import Testing

@testable import FeatureCoding

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Payloads with bytes changed, cut out, repeated and put in, cut into pieces, through all decoders.
///
/// AGILENN_MUTATIONS is how many; the tests try a few, and a million is the whole.
@Suite struct MutatedStreamTests {
  static let count = getenv("AGILENN_MUTATIONS").flatMap { Int(String(cString: $0)) } ?? 15_000

  @Test func noneLeadsAstray() throws {
    let samples = Coded.samples
    let payloads = try samples.map { try $0.code.encode($0.symbols).payload }
    var accepted = 0
    for seed in 0..<Self.count {
      var random = SplitMix64(seed: UInt64(seed))
      let index = Int.random(in: samples.indices, using: &random)
      if try decodes(samples[index], payloads[index], using: &random) { accepted += 1 }
    }
    // Some are payloads of other symbols; if none were, the mutations would be too coarse.
    #expect(accepted > Self.count / 100)
    #expect(accepted < Self.count)
  }

  /// Whether a mutated payload was accepted. What comes of it is within the alphabet, and nothing
  /// is written beyond the symbols.
  private func decodes(
    _ sample: Coded, _ payload: [UInt8], using random: inout SplitMix64
  ) throws -> Bool {
    let code = sample.code
    let mutated = mutate(payload, using: &random)
    let workspace = Workspace(
      SymbolDecoder.workspaceSize(coder: code.coder, alphabetSize: code.alphabetSize))
    let output = Workspace(code.shape.count + 8)
    for index in output.bytes.indices { output.bytes[index] = 0xA5 }
    var decoder = try SymbolDecoder(
      code.coder, shape: code.shape, alphabetSize: code.alphabetSize, tables: code.tables,
      workspace: workspace.bytes)
    try decoder.begin(into: UnsafeMutableRawBufferPointer(rebasing: output.bytes.dropLast(8)))
    var accepted = true
    var rest = mutated[...]
    do {
      while rest.count > 1, Int.random(in: 0..<3, using: &random) > 0 {
        let piece = rest.prefix(Int.random(in: 0...rest.count, using: &random))
        rest = rest.dropFirst(piece.count)
        let bytes = Workspace(copying: Array(piece))
        try decoder.append(UnsafeRawBufferPointer(bytes.bytes))
      }
      let bytes = Workspace(copying: Array(rest))
      let symbols =
        Int.random(in: 0..<4, using: &random) > 0
        ? code.shape.count : Int.random(in: -1...code.shape.count + 1, using: &random)
      try decoder.finish(UnsafeRawBufferPointer(bytes.bytes), symbols: symbols)
      #expect(decoder.symbolsDecoded == symbols)
    } catch {
      accepted = false
    }
    #expect(decoder.symbolsDecoded <= code.shape.count)
    #expect(output.bytes.suffix(8).allSatisfy { $0 == 0xA5 })
    let symbols = output.bytes.prefix(decoder.symbolsDecoded)
    #expect(symbols.allSatisfy { Int($0) < code.alphabetSize })
    return accepted
  }

  private func mutate(_ payload: [UInt8], using random: inout SplitMix64) -> [UInt8] {
    var bytes = payload
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0...bytes.count, using: &random)
      let length = min(Int.random(in: 0...3, using: &random), bytes.count - place)
      switch Int.random(in: 0..<6, using: &random) {
      case 0 where place < bytes.count:
        bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1 where place < bytes.count:
        bytes[place] = [0, 255, UInt8.random(in: 0...255, using: &random)][length % 3]
      case 2: bytes.removeSubrange(place..<place + length)
      case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
      case 4: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
      default: bytes.removeSubrange(place..<bytes.count)
      }
    }
    return bytes
  }
}
