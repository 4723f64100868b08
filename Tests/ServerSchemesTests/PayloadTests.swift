import BundleFormat
import FeatureCoding
import ServerSchemes
import Testing

/// What a payload means: whole, cut, in pieces, and damaged.
@Suite struct PayloadTests {
  private func values(_ bundle: ModelBundle) throws -> [Float] {
    try #require(bundle.manifest.paths[0].send?.symbols.first).valueOf
  }

  @Test(arguments: PathCode.all)
  func symbolsBecomeTheirValues(with path: PathCode) throws {
    try path.open { bundle in
      let values = try values(bundle)
      let served = try TinyFeatures.path(of: bundle)
      #expect(served.graph == "remote" && served.input == "features" && served.logits == "logits")
      #expect(served.classCount == 10 && served.symbolCount == 80)
      let code = try path.code
      #expect(served.maximumPayloadBytes == code.worstCaseBytes)
      for seed in 0..<100 {
        let symbols = PathCode.symbols(seed)
        let payload = try code.encode(symbols).payload
        #expect(payload.count <= served.maximumPayloadBytes)
        #expect(try served.features(payload) == symbols.map { values[Int($0)] })
      }
    }
  }

  @Test(arguments: PathCode.all)
  func whatIsMissingGetsItsChannelsValue(with path: PathCode) throws {
    let missing = [-1.5, 0.25, 3, 1e-6, -100]
    try path.open(missing: missing) { bundle in
      let values = try values(bundle)
      let served = try TinyFeatures.path(of: bundle)
      let symbols = PathCode.symbols(7)
      for count in 0...80 {
        let (payload, coded) = try path.code.encode(symbols, limit: count)
        #expect(coded == count)
        let decoded = try served.makeDecoder().finish(payload, symbolCount: count)
        #expect(decoded.symbolsUsed == count)
        let expected = (0..<80).map { index in
          index < count ? values[Int(symbols[index])] : Float(missing[index / 16])
        }
        #expect(served.features(decoded) == expected)
      }
    }
  }

  /// Chunks are settled bytes, of any size.
  @Test(arguments: PathCode.all)
  func piecesOfEverySizeGiveTheSame(with path: PathCode) throws {
    try path.open { bundle in
      let served = try TinyFeatures.path(of: bundle)
      for seed in 0..<5 {
        let payload = try path.code.encode(PathCode.symbols(seed)).payload
        let whole = try served.features(payload)
        for size in 1...payload.count {
          let decoder = served.makeDecoder()
          var start = 0
          while payload.count - start > size {
            try decoder.append(payload[start..<start + size])
            start += size
          }
          let decoded = try decoder.finish(payload[start...], symbolCount: 80)
          #expect(served.features(decoded) == whole)
        }
      }
    }
  }

  @Test(arguments: PathCode.all)
  func aCutAtEveryByteGivesWhatIsCertain(with path: PathCode) throws {
    try path.open(missing: [9]) { bundle in
      let values = try values(bundle)
      let served = try TinyFeatures.path(of: bundle)
      for seed in 0..<20 {
        let symbols = PathCode.symbols(seed)
        let payload = try path.code.encode(symbols).payload
        var last = 0
        for count in 0...payload.count {
          let decoder = served.makeDecoder()
          try decoder.append(payload.prefix(count))
          let certain = decoder.certainSymbols
          #expect(certain >= last)
          last = certain
          let decoded = decoder.cut()
          #expect(decoded.symbolsUsed == certain)
          let expected = (0..<80).map { $0 < certain ? values[Int(symbols[$0])] : 9 }
          #expect(served.features(decoded) == expected)
        }
        // A byte holds a symbol at least, on the whole; the range coder's last ones hang in the air.
        #expect(last >= (path.coder == .range ? 72 : 80))
      }
    }
  }

  @Test(arguments: PathCode.all)
  func payloadsThatAreNotWholeAreRefused(with path: PathCode) throws {
    try path.open { bundle in
      let served = try TinyFeatures.path(of: bundle)
      let values = try values(bundle)
      let symbols = PathCode.symbols(9)
      let payload = try path.code.encode(symbols).payload
      // The bytes of a range coder may be another image's; those are its only payload.
      func isPayload(_ bytes: [UInt8], of count: Int) throws -> Bool {
        guard let features = try? served.features(bytes, symbolCount: count) else { return false }
        let found = features.prefix(count).map { UInt8(values.firstIndex(of: $0) ?? 255) }
        #expect(path.coder == .range && (count < 80 || found != symbols))
        let image = found + [UInt8](repeating: 0, count: 80 - count)
        #expect(try path.code.encode(image, limit: count).payload == bytes)
        return true
      }
      var others = 0
      for count in 0..<payload.count {
        if try isPayload(Array(payload.prefix(count)), of: 80) { others += 1 }
      }
      #expect(others < 8)
      for count in 0..<80 {
        let isPayload = try isPayload(payload, of: count)
        // One symbol less may end with the same bytes.
        let same = try path.code.encode(symbols, limit: count).payload == payload
        #expect(isPayload == same)
      }
      // One byte more, in the end and after everything was there.
      #expect(throws: PayloadError.self) { try served.features(payload + [0]) }
      let decoder = served.makeDecoder()
      #expect(throws: PayloadError.self) {
        try decoder.append(payload + [0])
        _ = try decoder.finish([], symbolCount: 80)
      }
    }
  }

  @Test(arguments: PathCode.all)
  func moreThanThePathHasIsRefused(with path: PathCode) throws {
    try path.open { bundle in
      let served = try TinyFeatures.path(of: bundle)
      let limit = served.maximumPayloadBytes
      for count in [81, 1 << 20, Int(UInt32.max) - 1] {
        #expect(throws: PayloadError.tooManySymbols(count: count, limit: 80)) {
          try served.features([0], symbolCount: count)
        }
      }
      for sizes in [[limit + 1], [limit, 1], [1, limit]] {
        let decoder = served.makeDecoder()
        // Zeros may be refused for what they are; their number is looked at before.
        do {
          for size in sizes.dropLast() { try decoder.append([UInt8](repeating: 0, count: size)) }
        } catch {
          continue
        }
        let last = [UInt8](repeating: 0, count: sizes.last ?? 0)
        #expect(throws: PayloadError.tooLong(limit: limit)) { try decoder.append(last) }
        #expect(throws: PayloadError.tooLong(limit: limit)) {
          try decoder.finish(last, symbolCount: 80)
        }
      }
    }
  }

  /// Whatever comes, a decoder ends with symbols or an error.
  @Test(arguments: PathCode.all)
  func damagedPayloadsAreRefusedOrDecoded(with path: PathCode) throws {
    try path.open { bundle in
      let served = try TinyFeatures.path(of: bundle)
      let payload = try path.code.encode(PathCode.symbols(4)).payload
      var decoded = 0
      for bit in 0..<8 * payload.count {
        var damaged = payload
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        let decoder = served.makeDecoder()
        do {
          for byte in damaged { try decoder.append([byte]) }
        } catch { continue }
        #expect(served.features(decoder.cut()).allSatisfy { $0.isFinite })
        decoded += 1
      }
      if path.coder != .raw { #expect(decoded > 0) }
    }
  }

  @Test func eachChannelHasItsOwnValues() throws {
    // Channel c's symbol s is 10 c + s; channel 4 has four symbols only.
    let tables = (0..<5).map { channel in
      [
        "symbolOf": [Int](repeating: 0, count: 256),
        "valueOf": (0..<(channel == 4 ? 4 : 8)).map { 10 * channel + $0 },
      ]
    }
    try TinyFeatures.sending(["symbols": tables]) { bundle in
      let path = try TinyFeatures.path(of: bundle)
      var symbols = PathCode.symbols(1, below: 4)
      let values = symbols.enumerated().map { Float(10 * ($0.offset / 16) + Int($0.element)) }
      #expect(try path.features(LZW.encode(symbols, alphabetSize: 8)) == values)
      symbols[63] = 7
      _ = try path.features(LZW.encode(symbols, alphabetSize: 8))
      symbols[64] = 7
      let payload = try LZW.encode(symbols, alphabetSize: 8)
      let error = PayloadError.undecodable(.symbolOutOfRange(symbol: 7, alphabetSize: 4))
      #expect(throws: error) { try path.features(payload) }
      // A cut does not let it through either.
      #expect(throws: error) { try path.makeDecoder().append(payload) }
    }
  }
}
