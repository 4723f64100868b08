import BundleFormat
import DeviceSchemes
public import Foundation
public import PlanCompiler

/// A model's plan as a file: what `scripts/firmware --plan` links into a board's flash.
public struct PlanFile {
  public let plan: CompiledPlan
  private let source: URL

  /// - Parameters:
  ///   - url: a bundle's folder, or a `.tflite` file.
  ///   - camera: pixels that the camera delivers; nil for the bundle's input.
  /// - Throws: what reading and compiling throw; ``LabError/onlyForBundles(_:)``.
  public init(of url: URL, camera: (width: Int, height: Int)? = nil) throws {
    source = url
    switch try ModelSource(url) {
    case .bundle(let bundle):
      let input = bundle.manifest.input
      plan = try PlacedDevice.compile(bundle, camera: camera ?? (input.width, input.height))
    case .file(let file):
      guard camera == nil else { throw LabError.onlyForBundles(url.path) }
      plan = try ModelSource.compile(file)
    }
  }

  /// Writes the plan to what is there, a pipe or a device too. One that a full disk cuts short is
  /// refused by its checksum.
  ///
  /// - Throws: ``LabError/unwritable(_:)``; ``LabError/wouldOverwrite(_:)`` for the model's own file.
  public func write(to file: URL) throws(LabError) {
    guard file.resolvingSymlinksInPath() != source.resolvingSymlinksInPath() else {
      throw .wouldOverwrite(file.path)
    }
    do {
      try Data(plan.image).write(to: file)
    } catch {
      throw .unwritable(file.path)
    }
  }

  /// What was written, for people.
  public var text: String {
    """
    \(plan.image.count) bytes for flash, an arena of \(plan.arenaSize) bytes, \
    \(plan.operators.count) operators

    """
  }
}
