#if !hasFeature(Embedded)
  /// Takes a scan apart while it comes: which units are whole, and which bits they are. For the server.
  ///
  /// Every code is looked up and every run is checked, so that what it lets pass is a scan that an
  /// encoder with these tables may have written.
  public struct ScanReader {
    private let geometry: JPEGGeometry
    private let tables: [HuffmanReader]
    private var bytes: [UInt8] = []
    private var position = BitPosition()
    /// Units that are whole in what has come so far.
    public private(set) var units = 0

    /// Where the next bit is.
    private struct BitPosition {
      var byte = 0
      var bit = 0
    }

    /// Why a scan is none.
    public enum Fault: Error, Equatable, Sendable {
      /// Bits that are no code, or a code that leads out of its block.
      case undefinedCode(unit: Int)
      /// A marker in the scan.
      case marker(unit: Int)
      /// The scan ends before a unit's end.
      case truncated(units: Int)
      /// The scan goes on behind its last unit, or its last byte is not filled with ones.
      case wrongEnd
    }

    /// The bits have come to their end for now.
    private struct Waiting: Error {}

    public init(_ settings: JPEGSettings, width: Int, height: Int) {
      geometry = JPEGGeometry(width: width, height: height, sampling: settings.sampling)
      tables = [
        AnnexK.brightnessDirect, AnnexK.colourDirect, AnnexK.brightnessAlternating,
        AnnexK.colourAlternating,
      ].map(HuffmanReader.init)
    }

    /// The bytes of the units that are whole, and of what follows them.
    public var scan: [UInt8] { bytes }

    /// Takes the next bytes of a scan that goes on.
    public mutating func append(_ more: some Sequence<UInt8>) throws(Fault) {
      bytes.append(contentsOf: more)
      while units < geometry.units {
        let start = position
        do {
          try readUnit()
        } catch is Waiting {
          position = start
          return
        } catch let fault as Fault {
          throw fault
        } catch {
          preconditionFailure("reading throws nothing else")
        }
        units += 1
      }
    }

    /// Takes the last bytes of a scan of exactly so many units.
    public mutating func finish(
      _ more: some Sequence<UInt8>, units count: Int
    ) throws(Fault) {
      try append(more)
      guard units >= count else { throw .truncated(units: units) }
      guard units == count, hasEnd else { throw .wrongEnd }
    }

    /// Whether nothing follows the last unit but the ones that fill its byte.
    private var hasEnd: Bool {
      guard units > 0 else { return bytes.isEmpty }
      var rest = position
      while rest.bit != 0 {
        guard bytes[rest.byte] >> UInt8(7 - rest.bit) & 1 == 1 else { return false }
        advance(&rest)
      }
      return rest.byte == bytes.count
    }

    private func advance(_ position: inout BitPosition) {
      position.bit += 1
      guard position.bit == 8 else { return }
      position.bit = 0
      // The zero behind a byte of ones is no part of the bits.
      position.byte += bytes[position.byte] == 0xFF ? 2 : 1
    }

    private mutating func nextBit() throws -> Int {
      guard position.byte < bytes.count else { throw Waiting() }
      if bytes[position.byte] == 0xFF {
        guard position.byte + 1 < bytes.count else { throw Waiting() }
        guard bytes[position.byte + 1] == 0 else { throw Fault.marker(unit: units) }
      }
      let bit = bytes[position.byte] >> UInt8(7 - position.bit) & 1
      advance(&position)
      return Int(bit)
    }

    private mutating func readUnit() throws {
      for block in 0..<geometry.sampling.blocksPerUnit {
        try readBlock(isColour: block >= geometry.sampling.blocksPerUnit - 2)
      }
    }

    private mutating func readBlock(isColour: Bool) throws {
      let bits = try readSymbol(tables[isColour ? 1 : 0])
      for _ in 0..<bits { _ = try nextBit() }
      var index = 1
      while index < 64 {
        let symbol = try readSymbol(tables[isColour ? 3 : 2])
        let (run, bits) = (symbol >> 4, symbol & 15)
        if bits == 0, run == 0 { return }
        // Sixteen zeros, or a run of them and a number.
        index += run + 1
        guard index <= 64 else { throw Fault.undefinedCode(unit: units) }
        for _ in 0..<bits { _ = try nextBit() }
      }
    }

    private mutating func readSymbol(_ table: HuffmanReader) throws -> Int {
      var code = 0
      for length in 1...16 {
        code = try code << 1 | nextBit()
        if let symbol = table.symbol(of: code, length: length) { return symbol }
      }
      throw Fault.undefinedCode(unit: units)
    }
  }

  extension ScanReader {
    /// The scan of the whole picture: the units that have come, and for each other one what repeats the
    /// colour before it.
    public func completed() -> [UInt8] {
      var bits = BitList()
      var place = BitPosition()
      while (place.byte, place.bit) < (position.byte, position.bit) {
        bits.append(UInt32(bytes[place.byte] >> UInt8(7 - place.bit) & 1), count: 1)
        advance(&place)
      }
      for _ in units..<max(units, geometry.units) {
        for block in 0..<geometry.sampling.blocksPerUnit {
          let isColour = block >= geometry.sampling.blocksPerUnit - 2
          for codes in isColour
            ? [AnnexK.colourDirect, AnnexK.colourAlternating]
            : [AnnexK.brightnessDirect, AnnexK.brightnessAlternating]
          {
            bits.append(codes.entries[0] & 0xFFFF, count: Int(codes.entries[0] >> 16))
          }
        }
      }
      return bits.stuffed()
    }
  }

  extension ScanReader.Fault: CustomStringConvertible {
    public var description: String {
      switch self {
      case .undefinedCode(let unit): "the scan has bits that are no code, in unit \(unit)"
      case .marker(let unit): "the scan has a marker, in unit \(unit)"
      case .truncated(let units): "the scan ends after \(units) units"
      case .wrongEnd: "the scan does not end as an encoder ends it"
      }
    }
  }

  /// Looks codes up by their length.
  private struct HuffmanReader {
    private let symbols: [UInt8]
    /// By length: the first code, and where its symbol stands.
    private let first: [(code: Int, place: Int, count: Int)]

    init(_ codes: HuffmanCodes) {
      symbols = codes.symbols
      var (code, place) = (0, 0)
      first = codes.counts.map { count in
        defer {
          code = (code + Int(count)) << 1
          place += Int(count)
        }
        return (code, place, Int(count))
      }
    }

    func symbol(of code: Int, length: Int) -> Int? {
      let row = first[length - 1]
      guard code >= row.code, code - row.code < row.count else { return nil }
      return Int(symbols[row.place + code - row.code])
    }
  }

  /// Bits, the most significant of a byte first.
  private struct BitList {
    private var bytes: [UInt8] = []
    private var held: UInt32 = 0
    private var heldBits = 0

    mutating func append(_ code: UInt32, count: Int) {
      for index in stride(from: count - 1, through: 0, by: -1) {
        held = held << 1 | (code >> UInt32(index) & 1)
        heldBits += 1
        if heldBits == 8 { flush() }
      }
    }

    /// Filled with ones, a zero behind each byte of ones.
    func stuffed() -> [UInt8] {
      var whole = self
      while whole.heldBits > 0 { whole.append(1, count: 1) }
      return whole.bytes
    }

    private mutating func flush() {
      bytes.append(UInt8(held))
      if held == 0xFF { bytes.append(0) }
      (held, heldBits) = (0, 0)
    }
  }
#endif
