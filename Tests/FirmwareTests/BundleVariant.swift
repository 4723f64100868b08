import BundleFormat
import Datasets
import DeviceCore
import FeatureCoding
import FirmwareBench
import Foundation
import MCUKernels
import PlanCompiler
import TestBundles

/// Copies of committed bundles with another coder, or with exits that may answer alone.
enum BundleVariant {
  /// A copy in a folder of its own, with the manifest changed.
  private static func copy(
    of model: CommittedModels.Model, _ change: (inout [String: Any]) -> Void
  ) throws -> CommittedModels.Model {
    let copy = try BundleCopy(of: model.bundle.directory, change)
    return CommittedModels.Model(bundle: try copy.load(), copy: copy)
  }

  /// With LZW, which needs no tables.
  static func lzw(of model: CommittedModels.Model) throws -> CommittedModels.Model {
    try copy(of: model) { manifest in
      manifest.changeEach("paths") { $0.changeEach("sends") { $0["coder"] = ["name": "lzw"] } }
    }
  }

  /// Which sends pictures as JPEG.
  static func jpeg(
    of model: CommittedModels.Model, quality: Int, chroma: String
  ) throws -> CommittedModels.Model {
    var changed = try copy(of: model) { manifest in
      manifest.changeEach("paths") { path in
        path["codec"] = ["name": "jpeg", "quality": quality, "chroma": chroma] as [String: Any]
        path.changeEach("sends") { $0["missing"] = nil }
      }
    }
    changed.pictures = model.pictures
    return changed
  }

  /// With the range coder, its tables fitted to the symbols of some training images.
  static func range(of model: CommittedModels.Model) throws -> CommittedModels.Model {
    let compiled = try model.compiled()
    let host = try HostPlan(compiled.plan.image)
    let images = try model.images(40, of: .train)
    let copy = try BundleCopy(of: model.bundle.directory)
    for path in 0..<host.plan.pathCount {
      guard let send = host.plan.path(path).send, send.symbolTableCount > 0 else { continue }
      try ModelBundle.setCoderTables(
        fitted(send, host: host, images: images), ofPath: path,
        directory: copy.folder)
    }
    return CommittedModels.Model(bundle: try copy.load(), copy: copy)
  }

  /// Whose device exits may answer alone, at a confidence that some images reach, and whose α goes by
  /// the whole channels that came.
  static func confident(
    of model: CommittedModels.Model, threshold: Double
  ) throws -> CommittedModels.Model {
    let plan = try HostPlan(model.compiled().plan.image).plan
    let channels = (0..<plan.pathCount).compactMap { plan.path($0).send?.channels }.first ?? 0
    return try copy(of: model) { manifest in
      manifest.changeEach("paths") { path in
        path.changeEach("exits") { exit in
          guard exit["where"] as? String == "device" else { return }
          exit["threshold"] = threshold
          guard exit["alpha"] != nil else { return }
          exit["alpha"] = (0...channels).map { 1 - 0.75 * Double($0) / Double(channels) }
        }
      }
    }
  }

  private static func fitted(
    _ send: PlanSend, host: HostPlan, images: [[UInt8]]
  ) throws -> [UInt8] {
    let symbols = try images.map { image in
      _ = try host.infer(image)
      return try host.withBytes(of: send.tensor) { features in
        var symbols = [UInt8](repeating: 0, count: send.shape.count)
        try symbols.withUnsafeMutableBytes {
          try SymbolSource(send, features: features).copySymbols(into: $0)
        }
        return symbols
      }
    }
    var fitter = RangeFitter(shape: send.shape, alphabetSize: send.alphabetSize)
    for _ in 0..<RangeFitter.passes {
      for image in symbols { try fitter.add(image) }
      fitter.endPass()
    }
    return fitter.tables()
  }
}
