/// Codes an image into the scan of a baseline JPEG (ITU-T T.81, F.1), a minimum coded unit after another.
///
/// What it writes is the scan alone: the headers in front of it are the same for all images of a size,
/// and who reads it knows them. A picture may end after any unit.
///
///     encoder.begin(output)
///     while try encoder.encode(to: all, settling: 64) == .settled {
///       send(output[..<encoder.settledBytes]); encoder.take(encoder.settledBytes)
///     }
///     let last = encoder.finish()
public struct JPEGEncoder {
  private let geometry: JPEGGeometry
  private let tables: JPEGTables
  private let image: UnsafePointer<Int8>
  private let samples: UnitSamples
  private let block: UnsafeMutablePointer<Int32>
  private var writer = ScanWriter(UnsafeMutableRawBufferPointer(start: nil, count: 0))
  private var predictions = Predictions()
  /// Minimum coded units in the payload so far.
  public private(set) var unitsCoded = 0

  /// The last direct coefficient of each component, from which the next one's difference is coded.
  private struct Predictions {
    var brightness: Int32 = 0
    var blueness: Int32 = 0
    var redness: Int32 = 0
  }

  /// Bytes of workspace.
  public static let workspaceSize = 64 * 4 + UnitSamples.size
  public static let workspaceAlignment = 4

  /// Bytes that no unit's code exceeds: each coefficient with a code of 16 bits and 10 of its own, the
  /// direct one with 11, and a zero behind every byte.
  public static func worstCaseBytes(perUnitOf sampling: ChromaSampling) -> Int {
    ScanWriter.worstCase(bits: sampling.blocksPerUnit * (16 + 11 + 63 * (16 + 10)))
  }

  /// - Parameters:
  ///   - image: int8 [height,width,3], pixel - 128; it and the tables must outlive the encoder.
  ///   - workspace: ``workspaceSize`` bytes, aligned to ``workspaceAlignment``; it must outlive the
  ///     encoder.
  public init(
    _ image: UnsafeRawBufferPointer, width: Int, height: Int, tables: JPEGTables,
    workspace: UnsafeMutableRawBufferPointer
  ) {
    precondition(image.count == width * height * 3 && workspace.count >= Self.workspaceSize)
    guard let pixels = image.baseAddress, let memory = workspace.baseAddress else {
      preconditionFailure("a picture has pixels")
    }
    geometry = JPEGGeometry(width: width, height: height, sampling: tables.sampling)
    self.tables = tables
    self.image = pixels.assumingMemoryBound(to: Int8.self)
    block = memory.assumingMemoryBound(to: Int32.self)
    samples = UnitSamples(memory + 64 * 4, side: tables.sampling.unitSide)
  }

  /// Begins a payload in `output`, which must outlive its last use and hold one unit at least.
  public mutating func begin(_ output: UnsafeMutableRawBufferPointer) {
    precondition(output.count >= Self.worstCaseBytes(perUnitOf: tables.sampling) + 4)
    writer = ScanWriter(output)
    predictions = Predictions()
    unitsCoded = 0
  }

  /// Why the encoder came back.
  public enum Stop: Equatable, Sendable {
    /// All the units that were asked for are in.
    case units
    /// So many bytes as were asked for are there, and can be sent; or the output is full.
    case settled
    /// The payload with one unit more would not fit in the budget.
    case budget
  }

  /// Codes on from where it stopped.
  ///
  /// - Parameters:
  ///   - limit: units in all, at most the picture's.
  ///   - settling: bytes in the output to come back at.
  ///   - budget: bytes that the finished payload may have, those taken away counted.
  public mutating func encode(
    to limit: Int, settling: Int = .max, budget: Int = .max
  ) -> Stop {
    precondition(limit <= geometry.units && settling > 0)
    let bits = Self.worstCaseBytes(perUnitOf: tables.sampling) * 4
    while unitsCoded < limit {
      guard settledBytes < settling, writer.hasRoom(forBits: bits) else { return .settled }
      let (writer, predictions) = (writer, predictions)
      encodeUnit()
      guard self.writer.finishedSize <= budget else {
        // What was written behind the old end is nobody's.
        self.writer = writer
        self.predictions = predictions
        return .budget
      }
      unitsCoded += 1
    }
    return settledBytes >= settling ? .settled : .units
  }

  /// Bytes at the output's beginning that can no longer change.
  public var settledBytes: Int { writer.byteCount }

  /// Takes settled bytes away: the rest moves to the output's beginning.
  public mutating func take(_ bytes: Int) { writer.take(bytes) }

  /// Ends the payload and returns the bytes in the output, those not taken away.
  public mutating func finish() -> Int { unitsCoded == 0 ? 0 : writer.finish() }
}

// MARK: One unit

extension JPEGEncoder {
  private mutating func encodeUnit() {
    let row = unitsCoded / geometry.columns
    let column = unitsCoded - row * geometry.columns
    let side = geometry.sampling.unitSide
    samples.load(
      image, width: geometry.width, height: geometry.height, left: column * side, top: row * side)
    let factor = geometry.sampling.factor
    let bright = tables.component(isColour: false)
    for line in 0..<factor {
      for place in 0..<factor {
        // A block without a part of the picture repeats the mean of the one before.
        let isInside =
          row * factor + line < geometry.luminanceRows
          && column * factor + place < geometry.luminanceColumns
        if isInside {
          predictions.brightness = encodeBlock(
            0, row: line, column: place, bright, after: predictions.brightness)
        } else {
          encodeFilling(bright)
        }
      }
    }
    let colour = tables.component(isColour: true)
    predictions.blueness = encodeBlock(
      1, row: 0, column: 0, colour, after: predictions.blueness)
    predictions.redness = encodeBlock(2, row: 0, column: 0, colour, after: predictions.redness)
  }

  /// A block whose direct coefficient is the one before's, and that has no others.
  private mutating func encodeFilling(_ tables: JPEGComponentTables) {
    write(tables.direct[0])
    write(tables.alternating[0])
  }

  /// - Parameter prediction: the direct coefficient of the component's block before.
  /// - Returns: this one's.
  private mutating func encodeBlock(
    _ component: Int, row: Int, column: Int, _ tables: JPEGComponentTables,
    after prediction: Int32
  ) -> Int32 {
    samples.copy(component: component, row: row, column: column, to: block)
    ForwardDCT.transform(block)
    let zigzag = self.tables.zigzag
    let direct = quantised(Int(zigzag[0]), 0, tables)
    writeDirect(direct &- prediction, tables)
    var run: UInt32 = 0
    for index in 1..<64 {
      let value = quantised(Int(zigzag[index]), index, tables)
      guard value != 0 else {
        run &+= 1
        continue
      }
      while run > 15 {
        write(tables.alternating[0xF0])
        run &-= 16
      }
      // Eight bits of a sample give ten of a coefficient; rounding may give one number more.
      let bounded = max(-1023, min(1023, value))
      let bits = Self.bits(of: bounded)
      write(tables.alternating[Int(run << 4 | bits)])
      writeNumber(bounded, bits)
      run = 0
    }
    if run > 0 { write(tables.alternating[0]) }
    return direct
  }

  private mutating func writeDirect(_ difference: Int32, _ tables: JPEGComponentTables) {
    let bits = Self.bits(of: difference)
    write(tables.direct[Int(bits)])
    if bits > 0 { writeNumber(difference, bits) }
  }

  /// The coefficient, divided and rounded to the nearest number, a half away from zero.
  @inline(__always)
  private func quantised(_ place: Int, _ index: Int, _ tables: JPEGComponentTables) -> Int32 {
    let value = block[place]
    let divisor = UInt32(tables.divisors[index])
    let magnitude = value.magnitude &+ divisor >> 1
    guard magnitude >= divisor else { return 0 }
    // Exact while the numerator has 16 bits, the divisor 11.
    let quotient = Int32(
      truncatingIfNeeded: magnitude.multipliedFullWidth(by: tables.reciprocals[index]).high)
    return value < 0 ? -quotient : quotient
  }

  /// How many bits a number's magnitude has: its category (ITU-T T.81, table F.1).
  @inline(__always)
  private static func bits(of value: Int32) -> UInt32 {
    32 &- UInt32(truncatingIfNeeded: value.magnitude.leadingZeroBitCount)
  }

  /// A number of a known category; a negative one as that plus the category's largest.
  @inline(__always)
  private mutating func writeNumber(_ value: Int32, _ bits: UInt32) {
    let pattern = UInt32(bitPattern: value < 0 ? value &- 1 : value)
    writer.write(pattern & (1 << bits &- 1), bits: bits)
  }

  @inline(__always)
  private mutating func write(_ entry: UInt32) {
    writer.write(entry & 0xFFFF, bits: entry >> 16)
  }
}
