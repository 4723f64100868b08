public import BundleFormat
public import Datasets
import DeviceSchemes
import FeatureCoding
import Foundation
import MCUKernels
import PlanCompiler

/// The range coder's tables of a bundle, fitted to the symbols of training images.
///
/// Nothing is trained: the device graph runs as it is, and what its features become is counted.
public struct CoderFit {
  private let bundle: ModelBundle
  private let images: any ImageDataset
  private let count: Int

  /// - Parameters:
  ///   - images: of the training split.
  ///   - count: how many of them; `nil` for all.
  public init(_ bundle: ModelBundle, images: any ImageDataset, count: Int?) {
    self.bundle = bundle
    self.images = images
    self.count = min(count ?? images.count, images.count)
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
    let first = try images.image(at: 0)
    let camera = (width: first.width, height: first.height)
    let image = try PlanImage(PlacedDevice.compile(bundle, camera: camera).image)
    let arena = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(image.plan.arenaSize, 16), alignment: 16)
    defer { arena.deallocate() }
    var tables: [Int: [UInt8]] = [:]
    for path in sends {
      tables[path] = try fit(path, image: image, arena: arena, progress)
    }
    return tables
  }

  private func fit(
    _ path: Int, image: PlanImage, arena: UnsafeMutableRawBufferPointer, _ progress: () -> Void
  ) throws -> [UInt8] {
    let plan = image.plan
    guard let send = plan.path(path).send else {
      preconditionFailure("the plan has the manifest's paths")
    }
    let quantiser = SymbolQuantiser(
      height: send.height, width: send.width, channels: send.channels, tables: send.symbolTables)
    var fitter = RangeFitter(
      shape: SymbolShape(height: send.height, width: send.width, channels: send.channels),
      alphabetSize: send.alphabetSize)
    var symbols = [UInt8](repeating: 0, count: quantiser.symbolCount)
    for _ in 0..<RangeFitter.passes {
      for index in 0..<count {
        try load(images.image(at: index), into: plan, arena: arena)
        for block in 0..<plan.blockCount where send.blocks >> UInt32(block) & 1 == 1 {
          try plan.run(operators: plan.block(block), arena: arena)
        }
        let tensor = send.tensor
        let features = UnsafeRawBufferPointer(
          rebasing: arena[tensor.offset..<(tensor.offset + tensor.byteCount)])
        try symbols.withUnsafeMutableBytes { try quantiser.quantise(features: features, into: $0) }
        try fitter.add(symbols)
        progress()
      }
      fitter.endPass()
    }
    return fitter.tables()
  }

  private func load(
    _ picture: LabelledImage, into plan: Plan, arena: UnsafeMutableRawBufferPointer
  ) throws {
    guard let index = plan.inputIndex(role: .camera) else {
      throw DeviceError.unusableGraph("it takes no camera image")
    }
    let camera = plan.input(index)
    let (height, width) = (camera.dimension(0), camera.dimension(1))
    guard (picture.width, picture.height) == (width, height) else {
      throw DeviceError.wrongImageSize(
        name: picture.name, width: picture.width, height: picture.height,
        expected: "\(width)x\(height)")
    }
    UnsafeMutableRawBufferPointer(
      rebasing: arena[camera.offset..<(camera.offset + camera.byteCount)]
    ).copyBytes(from: picture.pixels)
  }
}
