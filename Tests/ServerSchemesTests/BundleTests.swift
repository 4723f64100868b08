import BundleFormat
import FeatureCoding
import Foundation
import ServerSchemes
import TFLite
import TestBundles
import Testing

/// Which bundles have a half on the server, and which remote graphs go with them.
@Suite struct BundleTests {
  private func error(
    _ bundle: ModelBundle, _ graphs: [String: RemoteGraph] = TinyFeatures.graphs()
  ) -> String {
    let error = #expect(throws: ServerSchemeError.self) {
      try ServerPath.paths(of: bundle, graphs: graphs)
    }
    #expect(error?.exitStatus == 65)
    return error?.description ?? ""
  }

  @Test func withoutSymbolsTheValuesAreDequantised() throws {
    try TinyFeatures.sending(["symbols": nil, "coder": nil]) { bundle in
      let model = try TFLiteModel(contentsOf: bundle.url(ofGraph: "device"))
      let tensor = try #require(model.tensors.first { $0.name == "features" })
      let scale = try #require(tensor.quantisation?.scales.first)
      let zeroPoint = try #require(tensor.quantisation?.zeroPoints.first)
      let path = try TinyFeatures.path(of: bundle)
      #expect(path.maximumPayloadBytes == 80)
      for start in stride(from: 0, to: 256, by: 80) {
        let payload = (start..<start + 80).map { UInt8(truncatingIfNeeded: $0) }
        let values = payload.map { scale * Float(Int(Int8(bitPattern: $0)) - zeroPoint) }
        #expect(try path.features(payload) == values)
      }
    }
  }

  /// The image's channels are its colours, and its values go from 0 to 1.
  @Test func anImageIsSentAsItIs() throws {
    for scheme in ["edge-only", "spinn"] {
      try FixtureBundle.tiny.edited {
        $0["scheme"] = scheme
        $0["paths"] = [["remote": "remote", "sends": [["tensor": "image", "missing": [0.5]]]]]
      } then: { bundle in
        let graphs = TinyFeatures.graphs(input: [3, 32, 32], named: "image")
        let path = try #require(try ServerPath.paths(of: bundle, graphs: graphs)[0])
        #expect(path.symbolCount == 3072 && path.maximumPayloadBytes == 3072)
        // int8 is the pixel less 128.
        let pixels = (0..<3072).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let payload = pixels.map { $0 ^ 0x80 }
        let features = try path.features(payload)
        for (feature, pixel) in zip(features, pixels) {
          #expect(abs(feature - Float(pixel) / 255) < 1e-6)
        }
        let decoder = path.makeDecoder()
        try decoder.append(payload.prefix(2000))
        let cut = path.features(decoder.cut())
        #expect(cut == features.prefix(2000) + [Float](repeating: 0.5, count: 1072))
        // Not another size than the camera's, and not another depth.
        for shape in [[3, 32, 31], [3, 16, 64], [1, 32, 32]] {
          let text = error(bundle, TinyFeatures.graphs(input: shape, named: "image"))
          #expect(text.hasSuffix("and the image 3 of 32x32"), "\(text)")
        }
      }
    }
  }

  @Test func everySchemeHasItsOwnPaths() throws {
    for (scheme, sendsFeatures, sendsImage) in [
      ("agilenn", true, false), ("deepcod", true, false), ("edge-only", false, true),
      ("spinn", true, true), ("mcunet", false, false),
    ] {
      try FixtureBundle.tiny.edited {
        $0["scheme"] = scheme
      } then: { bundle in
        let isServed = (try? ServerPath.paths(of: bundle, graphs: TinyFeatures.graphs())) != nil
        #expect(isServed == sendsFeatures, "\(scheme)")
      }
      try FixtureBundle.tiny.edited {
        $0["scheme"] = scheme
        $0["paths"] = [["remote": "remote"]]
      } then: { bundle in
        let graphs = TinyFeatures.graphs(input: [3, 32, 32], named: "image")
        let isServed = (try? ServerPath.paths(of: bundle, graphs: graphs)) != nil
        #expect(isServed == sendsImage, "\(scheme)")
      }
    }
  }

  @Test func pathsThatTheDeviceAnswersAloneHaveNoServerHalf() throws {
    for scheme in ["agilenn", "mcunet"] {
      try FixtureBundle.tiny.edited { manifest in
        manifest["scheme"] = scheme
        let paths = manifest["paths"] as? [[String: Any]] ?? []
        manifest["paths"] =
          [["name": "alone", "device": "device"]] + (scheme == "mcunet" ? [] : paths)
      } then: { bundle in
        let paths = try ServerPath.paths(of: bundle, graphs: TinyFeatures.graphs())
        #expect(paths.map { $0 == nil } == (scheme == "mcunet" ? [true] : [true, false]))
      }
    }
  }

  @Test func graphsThatDoNotGoWithTheBundleAreRefused() throws {
    let bundle = try FixtureBundle.tiny.load()
    #expect(
      error(bundle, TinyFeatures.graphs(output: [9]))
        == "'logits' is [N,9], and there are 10 labels")
    #expect(
      error(bundle, TinyFeatures.graphs(output: [10, 1]))
        == "'logits' is [N,10,1], and there are 10 labels")
    #expect(error(bundle, TinyFeatures.graphs(named: "image")).hasSuffix("it has: image"))
    for shape in [
      [], [80], [5, 16], [5, -1, 4], [5, 0, 4], [5, .max, .max], [1 << 16, 1024, 1024],
    ] {
      let text = error(bundle, TinyFeatures.graphs(input: shape))
      #expect(text.contains("where [N,channels,height,width] is needed"), "\(text)")
    }
  }

  @Test func tablesOfOtherFeaturesAreRefused() throws {
    let path = try #require(PathCode.all.first { $0.coder == .range })
    try path.open { bundle in
      let text = error(bundle, TinyFeatures.graphs(input: [6, 4, 4]))
      #expect(text == "path 'offload': the coder's tables are for other features")
    }
    let tables = try #require(path.tables)
    for (bytes, reason) in [
      (Array(tables.dropLast()), "malformed"), ([0], "malformed"),
      (tables.enumerated().map { $0.offset == 0 ? $0.element ^ 1 : $0.element }, "malformed"),
    ] {
      try PathCode(coder: .range, tables: bytes).open { bundle in
        let text = error(bundle)
        #expect(text.hasPrefix("path 'offload': ") && text.contains(reason), "\(text)")
      }
    }
  }
}
