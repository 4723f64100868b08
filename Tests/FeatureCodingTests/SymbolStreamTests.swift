import SeededRandom
import Testing

@testable import FeatureCoding

@Suite struct SymbolStreamTests {
  @Test(arguments: Coded.samples)
  func everyNumberOfSymbolsComesBack(sample: Coded) throws {
    for count in 0...sample.symbols.count {
      let (payload, coded) = try sample.code.encode(sample.symbols, limit: count)
      #expect(coded == count)
      #expect(
        try sample.code.decode(payload, symbols: count) == Array(sample.symbols.prefix(count)))
      #expect(payload.count <= sample.code.worstCaseBytes)
    }
  }

  /// One more or fewer than there are is refused, where the payload is not the same. LZW alone takes
  /// zeros that fill the last byte for a code, if there is to be one more symbol.
  @Test(arguments: Coded.samples.filter { $0.code.coder != .lzw })
  func anotherNumberOfSymbolsIsRefused(sample: Coded) throws {
    let payloads = try (0...sample.symbols.count).map {
      try sample.code.encode(sample.symbols, limit: $0).payload
    }
    for count in payloads.indices {
      for other in [count - 1, count + 1] where payloads.indices.contains(other) {
        let decoded = try? sample.code.decode(payloads[count], symbols: other)
        // Another string of so many symbols may have that payload, but not these.
        guard let decoded else { continue }
        #expect(
          decoded != Array(sample.symbols.prefix(other)) || payloads[count] == payloads[other])
      }
    }
    #expect(throws: CodingError.self) {
      try sample.code.decode(payloads.last!, symbols: sample.symbols.count + 1)
    }
    #expect(throws: CodingError.self) { try sample.code.decode([], symbols: -1) }
  }

  @Test(arguments: Coded.samples)
  func whatFollowsIsRefused(sample: Coded) throws {
    let payload = try sample.code.encode(sample.symbols).payload
    for extra in 1...6 {
      #expect(throws: CodingError.trailingBytes(count: extra)) {
        try sample.code.decode(payload + Array(repeating: 0, count: extra))
      }
    }
  }

  /// A budget takes as many symbols as fit: the payload of one more is longer.
  @Test(arguments: Coded.samples)
  func aBudgetIsUsedUp(sample: Coded) throws {
    let sizes = try (0...sample.symbols.count).map {
      try sample.code.encode(sample.symbols, limit: $0).payload.count
    }
    #expect(zip(sizes, sizes.dropFirst()).allSatisfy { $0 <= $1 })
    for budget in 0...sizes.last! + 3 {
      let (payload, count) = try sample.code.encode(sample.symbols, budget: budget)
      #expect(payload.count <= budget)
      #expect(count == sizes.lastIndex { $0 <= budget })
    }
  }

  /// Chunks of any size, taken out of a small buffer, are the payload, and what could be finished
  /// in between has the size that the encoder says.
  @Test(arguments: Coded.samples, [1, 3, 64])
  func chunksAreThePayload(sample: Coded, settling: Int) throws {
    let code = sample.code
    let whole = try code.encode(sample.symbols).payload
    let sizes = try (0...sample.symbols.count).map {
      try code.encode(sample.symbols, limit: $0).payload.count
    }
    let workspace = Workspace(
      SymbolEncoder.workspaceSize(
        coder: code.coder, shape: code.shape, alphabetSize: code.alphabetSize))
    let output = Workspace(settling + 16)
    let input = Workspace(copying: sample.symbols.map { $0 ^ 0x80 })
    let table = Workspace(copying: (0..<256).map { min(UInt8($0), UInt8(code.alphabetSize - 1)) })
    let source = try SymbolSource(
      planar: UnsafeRawBufferPointer(input.bytes), shape: code.shape,
      tables: UnsafeRawBufferPointer(table.bytes), alphabetSize: code.alphabetSize)
    var encoder = try SymbolEncoder(
      code.coder, shape: code.shape, alphabetSize: code.alphabetSize, tables: code.tables,
      workspace: workspace.bytes)
    for _ in 0..<2 {
      encoder.begin(output.bytes)
      var sent: [UInt8] = []
      let stream = try SymbolStream(code)
      while try encoder.encode(source, to: code.shape.count, settling: settling) == .settled {
        #expect(encoder.finishedSize == sizes[encoder.symbolsCoded])
        let settled = encoder.settledBytes
        #expect(settled >= settling)
        sent += output.bytes[..<settled]
        try stream.append(Array(output.bytes[..<settled]))
        #expect(stream.symbols.count <= encoder.symbolsCoded)
        encoder.take(settled)
      }
      #expect(encoder.symbolsCoded == code.shape.count)
      let count = try encoder.finish()
      try stream.finish(Array(output.bytes[..<count]), symbols: code.shape.count)
      sent += output.bytes[..<count]
      #expect(sent == whole)
      #expect(stream.symbols == sample.symbols)
    }
  }

  /// Whatever is cut off, what is left says a prefix of the symbols, and never what the bytes that
  /// were cut off could change.
  @Test(arguments: Coded.samples)
  func aCutAnywhereLeavesWhatIsCertain(sample: Coded) throws {
    var random = SplitMix64(seed: 21)
    let payload = try sample.code.encode(sample.symbols).payload
    var before = 0
    for cut in 0..<max(payload.count, 1) {
      let head = Array(payload.prefix(cut))
      let stream = try SymbolStream(sample.code)
      try stream.append(head)
      let certain = stream.symbols
      #expect(certain == Array(sample.symbols.prefix(certain.count)))
      #expect(certain.count >= before)
      before = certain.count
      // Byte by byte it is the same.
      let slow = try SymbolStream(sample.code)
      for byte in head { try slow.append([byte]) }
      #expect(slow.symbols == certain)
      // Any other continuation begins with the same symbols, or is none.
      for _ in 0..<4 {
        let other = try SymbolStream(sample.code)
        let tail = noise(of: 256, count: payload.count + 8 - cut, using: &random)
        if (try? other.append(head + tail)) != nil {
          #expect(other.symbols.starts(with: certain))
        }
      }
    }
  }

  /// After a cut at a settled byte, no symbol is certain that was not coded yet: a stream that ends
  /// there ends after as many as the device says.
  @Test(arguments: Coded.samples)
  func settledBytesSayNoSymbolThatWasNotCoded(sample: Coded) throws {
    for count in 0...sample.symbols.count {
      let payload = try sample.code.encode(sample.symbols, limit: count).payload
      let stream = try SymbolStream(sample.code)
      try stream.append(Array(payload.dropLast()))
      #expect(stream.symbols.count <= count)
      try stream.finish(Array(payload.suffix(1)), symbols: count)
      #expect(stream.symbols == Array(sample.symbols.prefix(count)))
    }
  }

  /// The range decoder gives all that is certain: where it stops, two continuations differ.
  @Test(arguments: Coded.samples.filter { $0.code.coder == .range })
  func allThatIsCertainIsGiven(sample: Coded) throws {
    let payload = try sample.code.encode(sample.symbols).payload
    for cut in 0..<payload.count {
      let stream = try SymbolStream(sample.code)
      try stream.append(Array(payload.prefix(cut)))
      let certain = stream.symbols.count
      guard certain < sample.symbols.count else { continue }
      let next = [UInt8(0), 255].compactMap { fill -> UInt8? in
        let other = try? SymbolStream(sample.code)
        let bytes = Array(payload.prefix(cut)) + Array(repeating: fill, count: 12)
        // An error later in the payload does not take back what was certain before.
        try? other?.append(bytes)
        return other.flatMap { $0.symbols.count > certain ? $0.symbols[certain] : nil }
      }
      #expect(next.count < 2 || next[0] != next[1])
    }
  }

  /// Each sequence of symbols has one payload: a changed one is refused, or it is another's.
  @Test(arguments: Coded.samples.filter { $0.code.coder == .range })
  func aFlippedBitIsRefusedOrAnothersPayload(sample: Coded) throws {
    let payload = try sample.code.encode(sample.symbols).payload
    for bit in 0..<8 * payload.count {
      var flipped = payload
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      if let decoded = try? sample.code.decode(flipped) {
        #expect(try sample.code.encode(decoded).payload == flipped)
      }
    }
  }

  @Test func aSymbolOutsideTheAlphabetIsRefused() throws {
    let sample = try Coded(.range, 2, 2, 2, alphabetSize: 3, seed: 1)
    var symbols = sample.symbols
    symbols[5] = 3
    #expect(throws: CodingError.symbolOutOfRange(symbol: 3, alphabetSize: 3)) {
      try sample.code.encode(symbols)
    }
  }

  @Test func codersHaveNames() {
    #expect(Coder.allCases.map(\.name.description) == ["raw", "lzw", "range"])
    #expect(Coder(name: "range") == .range)
    #expect(Coder(name: "LZW") == nil)
  }
}
