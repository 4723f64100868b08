/// How a camera operator makes the network's input size of what the camera delivers; the raw values
/// are those of the plan image.
public enum CameraMode: UInt32, Sendable {
  /// The sizes agree; the conversion may be done in place.
  case none = 0
  case nearest = 1
  case bilinear = 2
}

extension Plan {
  /// The camera's uint8 RGB image, cropped and resized, minus 128: `docs/plan.md`, "The resize".
  func convertCamera(_ record: OperatorRecord, _ memory: PlanMemory) {
    guard let mode = CameraMode(rawValue: record.unsigned(.own0)) else { return }
    let input = memory.input(record).assumingMemoryBound(to: UInt8.self)
    let output = memory.output(record).assumingMemoryBound(to: UInt8.self)
    guard mode != .none else {
      return Self.flip(input, to: output, count: record.int(.outputBytes))
    }
    let row = record.int(.inputWidth) * 3
    let crop = input + (record.int(.own2) * row + record.int(.own1) * 3)
    let resize = CameraResize(
      positions: memory.constants(record), crop: crop, row: row,
      lastColumn: record.int(.own3) - 1, lastRow: record.int(.own4) - 1,
      outputHeight: record.int(.outputHeight), outputWidth: record.int(.outputWidth))
    if mode == .nearest {
      resize.nearest(output)
    } else {
      resize.bilinear(output)
    }
  }

  /// Takes 128 from each byte, four at a time; both may be the same place.
  private static func flip(
    _ input: UnsafePointer<UInt8>, to output: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    let (source, target) = (UnsafeRawPointer(input), UnsafeMutableRawPointer(output))
    var index = 0
    while index &+ 4 <= count {
      let word = source.loadUnaligned(fromByteOffset: index, as: UInt32.self)
      target.storeBytes(of: word ^ 0x8080_8080, toByteOffset: index, as: UInt32.self)
      index &+= 4
    }
    while index < count {
      output[index] = input[index] ^ 0x80
      index &+= 1
    }
  }
}

/// A resize of the camera's cropped image by positions that the compiler has computed.
private struct CameraResize {
  /// One for each output row, then one for each output column.
  let positions: UnsafeRawPointer
  let crop: UnsafePointer<UInt8>
  /// Bytes from one row of the camera's image to the next.
  let row: Int
  let lastColumn: Int
  let lastRow: Int
  let outputHeight: Int
  let outputWidth: Int

  func nearest(_ output: UnsafeMutablePointer<UInt8>) {
    var output = output
    for y in 0..<outputHeight {
      let source = crop + Int(positions.word(y)) * row
      for x in 0..<outputWidth {
        let pixel = source + Int(positions.word(outputHeight + x)) * 3
        for channel in 0..<3 { output[channel] = pixel[channel] ^ 0x80 }
        output += 3
      }
    }
  }

  func bilinear(_ output: UnsafeMutablePointer<UInt8>) {
    let bits = PlanFormat.positionFractionBits
    let one = UInt32(1) << UInt32(bits)
    var output = output
    for y in 0..<outputHeight {
      let vertical = Int(positions.word(y))
      let upper = crop + (vertical >> bits) * row
      let lower = crop + min((vertical >> bits) + 1, lastRow) * row
      let below = UInt32(vertical) & (one - 1)
      for x in 0..<outputWidth {
        let horizontal = Int(positions.word(outputHeight + x))
        let left = (horizontal >> bits) * 3
        let right = min((horizontal >> bits) + 1, lastColumn) * 3
        let after = UInt32(horizontal) & (one - 1)
        for channel in 0..<3 {
          // At most 255 · 2^22 before the rounding half: 32 bits hold it.
          let top =
            UInt32(upper[left + channel]) * (one - after) + UInt32(upper[right + channel]) * after
          let bottom =
            UInt32(lower[left + channel]) * (one - after) + UInt32(lower[right + channel]) * after
          let sum = top * (one - below) + bottom * below
          output[channel] =
            UInt8(truncatingIfNeeded: (sum + (1 << UInt32(2 * bits - 1))) >> UInt32(2 * bits))
            ^ 0x80
        }
        output += 3
      }
    }
  }
}
