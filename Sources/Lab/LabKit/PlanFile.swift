import BundleFormat
import Foundation
import PlanCompiler
import Schemes

/// A model's plan as a file: what `scripts/firmware --plan` links into a board's flash.
public struct PlanFile {
  public let plan: CompiledPlan
  private let source: URL

  /// - Parameters:
  ///   - url: a bundle's folder, or a `.tflite` file.
  ///   - path: position of one of the bundle's paths; nil for the first that has a device graph.
  ///   - camera: pixels that the camera delivers; nil for the bundle's input.
  /// - Throws: what reading and compiling throw; ``LabError/noDeviceGraph(_:path:)``,
  ///   ``LabError/onlyForBundles(_:)``.
  public init(of url: URL, path: Int? = nil, camera: (width: Int, height: Int)? = nil) throws {
    source = url
    switch try ModelSource(url) {
    case .bundle(let bundle):
      let input = bundle.manifest.input
      let chosen = path ?? bundle.manifest.paths.firstIndex { $0.device != nil }
      guard let chosen, bundle.manifest.paths.indices.contains(chosen),
        let plan = try DeviceGraph.compile(
          bundle, path: chosen, camera: camera ?? (input.width, input.height))
      else { throw LabError.noDeviceGraph(url.path, path: path) }
      self.plan = plan
    case .file(let file):
      guard path == nil, camera == nil else { throw LabError.onlyForBundles(url.path) }
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
