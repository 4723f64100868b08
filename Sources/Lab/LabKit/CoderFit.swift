public import BundleFormat
public import Datasets
import DeviceCore
import FeatureCoding
import Foundation
import MCUKernels

/// The range coder's tables of a bundle, fitted to the symbols of training images.
///
/// Nothing is trained: the device graph runs as it is, and what its features become is counted.
public struct CoderFit {
  private let bundle: ModelBundle
  private let images: any ImageDataset
  private let count: Int
  private let leastSaving: Double

  /// - Parameters:
  ///   - images: of the training split.
  ///   - count: how many of them; `nil` for all.
  ///   - leastSaving: bits of a symbol that each reference of its context must save; `nil` for the
  ///     usual. Each costs the device some cycles a symbol.
  public init(
    _ bundle: ModelBundle, images: any ImageDataset, count: Int?, leastSaving: Double? = nil
  ) {
    self.bundle = bundle
    self.images = images
    self.count = min(count ?? images.count, images.count)
    self.leastSaving = leastSaving ?? RangeFitter.usualSaving
  }

  /// How often ``run(_:)`` calls for progress.
  public var steps: Int { RangeFitter.passes * count * sends.count }

  /// The manifest's paths whose symbols can be coded.
  private var sends: [Int] {
    bundle.manifest.paths.indices.filter {
      bundle.manifest.paths[$0].send.map { !$0.symbols.isEmpty } ?? false
    }
  }

  /// Fits the tables of each path that sends symbols.
  ///
  /// - Parameter progress: called after each image.
  /// - Returns: by path, the content of the file.
  /// - Throws: ``LabError/noSymbols(_:)``; what compiling and the images throw.
  public func run(_ progress: () -> Void) throws -> [Int: [UInt8]] {
    guard !sends.isEmpty, count > 0 else { throw LabError.noSymbols(bundle.directory.path) }
    let device = try DeviceHalf(bundle, for: images)
    var tables: [Int: [UInt8]] = [:]
    for path in sends {
      tables[path] = try fit(path, on: device, progress)
    }
    return tables
  }

  private func fit(
    _ path: Int, on device: DeviceHalf, _ progress: () -> Void
  ) throws -> [UInt8] {
    guard let send = device.plan.path(path).send else {
      preconditionFailure("the plan has the manifest's paths")
    }
    var fitter = RangeFitter(
      shape: send.shape, alphabetSize: send.alphabetSize, leastSaving: leastSaving)
    var symbols = [UInt8](repeating: 0, count: send.shape.count)
    for _ in 0..<RangeFitter.passes {
      for index in 0..<count {
        try device.run(send.blocks, on: images.image(at: index))
        let source = try SymbolSource(send, features: device.bytes(of: send.tensor))
        try symbols.withUnsafeMutableBytes { try source.copySymbols(into: $0) }
        try fitter.add(symbols)
        progress()
      }
      fitter.endPass()
    }
    return fitter.tables()
  }
}
