import BundleFormat
import Datasets
import DeviceSchemes
import Foundation
import MCUKernels
import PlanCompiler

/// A bundle's device graphs and the memory that they run in, without a device program: for what is
/// learned from many images.
final class DeviceHalf {
  let image: PlanImage
  private let arena: UnsafeMutableRawBufferPointer

  var plan: Plan { image.plan }

  /// - Throws: ``LabError/otherClasses(images:bundle:)``; what compiling throws.
  init(_ bundle: ModelBundle, for images: any ImageDataset) throws {
    guard images.labels == bundle.manifest.labels else {
      throw LabError.otherClasses(images: images.name, bundle: bundle.directory.path)
    }
    image = try PlanImage(PlacedDevice.compile(bundle, camera: images.imageSize).image)
    arena = .allocate(byteCount: max(image.plan.arenaSize, 16), alignment: 16)
  }

  deinit { arena.deallocate() }

  /// Runs some of the plan's blocks, a bit each from the lowest, on an image.
  func run(_ blocks: UInt32, on picture: LabelledImage) throws {
    try load(picture)
    for block in 0..<plan.blockCount where blocks >> UInt32(block) & 1 == 1 {
      try plan.run(operators: plan.block(block), arena: arena)
    }
  }

  /// A tensor's bytes, which are good until the next run.
  func bytes(of tensor: PlanTensor) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: arena[tensor.offset..<(tensor.offset + tensor.byteCount)])
  }

  private func load(_ picture: LabelledImage) throws {
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
