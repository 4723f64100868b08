import BundleFormat
import Foundation
import ImageCoding
import PictureFiles
import SeededRandom
import ServerSchemes
import TestBundles
import Testing

/// Payloads that are pictures: whole, cut, and wrong in every way.
@Suite struct PicturePayloadTests {
  static let side = 32

  static let codecs: [BundleManifest.Codec] = [
    .init(name: .jpeg, quality: 60), .init(name: .jpeg, quality: 90, chroma: .full),
    .init(name: .png), .init(name: .webp, quality: 50),
  ]

  /// The tiny bundle, which sends its image by a codec.
  private func open(_ codec: BundleManifest.Codec, _ body: (ServerPath) throws -> Void) throws {
    var entry: [String: Any] = ["name": codec.name.rawValue]
    entry["quality"] = codec.quality
    entry["chroma"] = codec.chroma?.rawValue
    try FixtureBundle.tiny.edited {
      $0["scheme"] = "edge-only"
      $0["paths"] = [["remote": "remote", "codec": entry]]
    } then: { bundle in
      let graphs = TinyFeatures.graphs(input: [3, Self.side, Self.side], named: "image")
      try body(#require(try ServerPath.paths(of: bundle, graphs: graphs)[0]))
    }
  }

  private func picture(_ random: inout SplitMix64, side: Int = side) -> Picture {
    let start = (0..<3).map { _ in Int(random.next() % 200) }
    var pixels: [UInt8] = []
    for place in 0..<(side * side) {
      let slope: Int = (place % side + place / side) / 2
      for colour in start { pixels.append(UInt8(colour + slope + Int(random.next() % 9))) }
    }
    return Picture(width: side, height: side, pixels: pixels)
  }

  /// What a device sends of a picture, and how many symbols that is.
  private func payload(
    _ picture: Picture, _ codec: BundleManifest.Codec
  ) throws -> (bytes: [UInt8], symbols: Int) {
    switch codec.name {
    case .png: return (try PNGEncoder.encode(picture), 1)
    case .webp: return (try WebP.encode(picture, quality: try #require(codec.quality)), 1)
    case .jpeg, .raw:
      let settings = try #require(codec.jpegSettings)
      return scan(picture, settings)
    }
  }

  private func scan(_ picture: Picture, _ settings: JPEGSettings) -> (bytes: [UInt8], symbols: Int)
  {
    let tables = UnsafeMutableRawBufferPointer.allocate(byteCount: JPEGTables.size, alignment: 4)
    let workspace = UnsafeMutableRawBufferPointer.allocate(
      byteCount: JPEGEncoder.workspaceSize, alignment: JPEGEncoder.workspaceAlignment)
    let output = UnsafeMutableRawBufferPointer.allocate(
      byteCount: 20 * JPEGEncoder.worstCaseBytes(perUnitOf: .half), alignment: 1)
    defer {
      for memory in [tables, workspace, output] { memory.deallocate() }
    }
    tables.copyBytes(from: settings.tables())
    let units = JPEGGeometry(
      width: picture.width, height: picture.height, sampling: settings.sampling
    ).units
    return picture.pixels.map { $0 ^ 0x80 }.withUnsafeBytes { image in
      var encoder = JPEGEncoder(
        image, width: picture.width, height: picture.height,
        tables: JPEGTables(checked: UnsafeRawBufferPointer(tables)), workspace: workspace)
      encoder.begin(output)
      _ = encoder.encode(to: units)
      return (Array(output[..<encoder.finish()]), units)
    }
  }

  @Test(arguments: codecs) func aPictureInPieces(_ codec: BundleManifest.Codec) throws {
    try open(codec) { path in
      var random = SplitMix64(seed: 31)
      #expect(path.featureCount == 3 * Self.side * Self.side)
      for _ in 0..<20 {
        let sent = try payload(picture(&random), codec)
        #expect(sent.symbols == path.symbolCount && sent.bytes.count <= path.maximumPayloadBytes)
        let whole = try path.features(sent.bytes)
        let decoder = path.makeDecoder()
        var start = 0
        while sent.bytes.count - start > 1 {
          let end = start + Int.random(in: 1..<(sent.bytes.count - start), using: &random)
          try decoder.append(sent.bytes[start..<end])
          start = end
        }
        let result = try decoder.finish(sent.bytes[start...], symbolCount: sent.symbols)
        #expect(result.symbolsUsed == sent.symbols)
        let isSame = path.features(result) == whole
        #expect(isSame && whole.allSatisfy { (0...1).contains($0) })
      }
    }
  }

  @Test(arguments: codecs) func aPictureThatIsCut(_ codec: BundleManifest.Codec) throws {
    try open(codec) { path in
      var random = SplitMix64(seed: 32)
      let sent = try payload(picture(&random), codec)
      let whole = try path.features(sent.bytes)
      var before = 0
      for count in sent.bytes.indices {
        let decoder = path.makeDecoder()
        try decoder.append(sent.bytes[..<count])
        let cut = decoder.cut()
        #expect(cut.symbolsUsed == decoder.certainSymbols && cut.symbolsUsed >= before)
        before = cut.symbolsUsed
        let features = path.features(cut)
        // A file is worth nothing before its end; of a scan the first pixel is there with its unit.
        if cut.symbolsUsed == 0 {
          #expect(features.allSatisfy { abs($0 - 128.0 / 255) < 1e-6 })
        } else {
          #expect(features[0] == whole[0])
        }
      }
      #expect((before > 0) == (codec.name == .jpeg))
    }
  }

  @Test(arguments: codecs) func whateverComes(_ codec: BundleManifest.Codec) throws {
    try open(codec) { path in
      var (refused, decoded) = (0, 0)
      for seed in 0..<1500 {
        var random = SplitMix64(seed: UInt64(seed))
        var sent = try payload(picture(&random), codec)
        switch random.next() % 5 {
        case 0: sent.bytes[Int(random.next() % UInt64(sent.bytes.count))] ^= 1 << UInt8(seed % 8)
        case 1: sent.bytes.removeLast(1 + Int(random.next() % UInt64(sent.bytes.count)))
        case 2: sent.bytes += (0..<Int(random.next() % 9)).map { _ in UInt8(random.next() & 255) }
        case 3: sent.symbols = Int(random.next() % UInt64(path.symbolCount + 2))
        default: sent.bytes = (0..<50).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        do {
          let features = try path.features(sent.bytes, symbolCount: sent.symbols)
          #expect(features.allSatisfy { (0...1).contains($0) }, "seed \(seed)")
          decoded += 1
        } catch is PayloadError {
          refused += 1
        }
      }
      #expect(refused > 500 && decoded > 10, "\(refused), \(decoded)")
    }
  }

  @Test func aPictureOfAnotherSizeIsRefused() throws {
    var random = SplitMix64(seed: 34)
    let other = picture(&random, side: 31)
    for codec in Self.codecs where codec.isHosts {
      try open(codec) { path in
        let sent = try payload(other, codec)
        let error = #expect(throws: PayloadError.self) { try path.features(sent.bytes) }
        #expect(error?.description == "the picture is 31x31, not 32x32")
      }
    }
  }
}
