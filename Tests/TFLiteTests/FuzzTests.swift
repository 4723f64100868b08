import SeededRandom
import Testing

@testable import TFLite

/// Whatever the bytes are, reading ends in a model that keeps its promises or in an error.
@Suite("No bytes make the reader trap")
struct FuzzTests {
  /// Reads and, where that succeeds, checks and uses everything that the model promises.
  /// - Returns: whether it was a model.
  private func isModel(_ bytes: [UInt8]) -> Bool {
    do {
      let model = try TFLiteModel(bytes: bytes)
      // Macros are slow, and this runs some ten thousand times.
      if !keepsItsPromises(model) { Issue.record("a model with a fault: \(bytes)") }
      return true
    } catch {
      let line = error.description.utf8
      if line.isEmpty || line.contains(10) { Issue.record("not one line: \(error)") }
      return false
    }
  }

  private func keepsItsPromises(_ model: TFLiteModel) -> Bool {
    let tensors = model.tensors.indices
    return model.tensors.allSatisfy(keepsItsPromises)
      && model.inputs.allSatisfy(tensors.contains) && model.outputs.allSatisfy(tensors.contains)
      && model.operators.allSatisfy { operation in
        operation.inputs.allSatisfy { $0 == -1 || tensors.contains($0) }
          && operation.outputs.allSatisfy(tensors.contains)
      }
  }

  private func keepsItsPromises(_ tensor: TFLiteTensor) -> Bool {
    _ = (tensor.int8Values, tensor.int32Values, tensor.int64Values)
    guard (0...Int(Int32.max)).contains(tensor.elementCount) else { return false }
    if let data = tensor.data, let byteCount = tensor.byteCount, data.count != byteCount {
      return false
    }
    return tensor.quantisation.map { $0.scales.count == $0.zeroPoints.count } ?? true
  }

  @Test func `Cut off after every byte`() throws {
    let bytes = try Fixture.bytes("real.tflite")
    #expect(isModel(bytes))
    // Writers put the root's parts in front and constants behind or the reverse: how much may be
    // missing before it is noticed is theirs. Here nothing may.
    let accepted = (0..<(bytes.count - 16)).filter { isModel([UInt8](bytes[..<$0])) }
    #expect(accepted == [])
  }

  @Test func `Every bit flipped`() throws {
    let bytes = try Fixture.bytes("real.tflite")
    var models = 0
    for index in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[index] ^= 1 << UInt8(bit)
        models += isModel(flipped) ? 1 : 0
      }
    }
    // Flips of weights leave a model, flips of offsets do not: both must have come about.
    #expect(models > 800 * 8)
    #expect(models < bytes.count * 8 - 800)
  }

  @Test func `Several bytes overwritten`() throws {
    var random = SplitMix64(seed: 7)
    let bytes = try Fixture.bytes("real.tflite")
    for _ in 0..<8_000 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: 8..<bytes.count, using: &random)
        let value = [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)]
          .randomElement(using: &random)
        changed[index] = value ?? 0
      }
      _ = isModel(changed)
    }
  }

  @Test func `Random bytes behind a right header`() {
    var random = SplitMix64(seed: 11)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...200, using: &random)
      // Small numbers make more offsets that stay inside.
      let limit: UInt8 = Bool.random(using: &random) ? 255 : 24
      let body = (0..<count).map { _ in UInt8.random(in: 0...limit, using: &random) }
      let root = UInt32.random(in: 8...64, using: &random)
      _ = isModel(littleEndian(root) + "TFL3".utf8 + body)
      _ = isModel(body)
    }
  }
}
