import BundleFormat
import Foundation
import PlanCompiler
import SeededRandom
import TFLite

/// A model as the firmware takes it: its plan, the very bytes that the emulator runs.
public struct FirmwareModel: Sendable {
  /// The last components of its path.
  public let name: String
  public let plan: CompiledPlan
  /// The bundle's path that the plan was compiled for; 0 for a bare model.
  public let path: UInt8

  /// A bundle's folder, or a `.tflite` file by itself.
  ///
  /// - Parameter camera: pixels that the camera delivers; nil for the bundle's input.
  /// - Throws: what reading and compiling throw; ``BenchError/noDeviceGraph(_:)``.
  public init(of url: URL, camera: (width: Int, height: Int)? = nil) throws {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
      throw BenchError.unreadable(url.path)
    }
    guard isDirectory.boolValue else {
      guard camera == nil else { throw BenchError.noCamera(url.lastPathComponent) }
      do {
        try self.init(TFLiteModel(contentsOf: url), name: url.lastPathComponent)
      } catch {
        throw BenchError.unusableModel(file: url.path, reason: "\(error)")
      }
      return
    }
    let bundle = try ModelBundle(directory: url)
    guard let path = Self.devicePaths(of: bundle).first else {
      throw BenchError.noDeviceGraph(url.path)
    }
    try self.init(bundle, path: path, camera: camera)
  }

  /// The device graph of one of a bundle's paths.
  ///
  /// - Parameter camera: pixels that the camera delivers; nil for the bundle's input.
  /// - Throws: what compiling throws; ``BenchError/noDeviceGraph(_:)``.
  public init(
    _ bundle: ModelBundle, path: Int, camera: (width: Int, height: Int)? = nil
  ) throws {
    let input = bundle.manifest.input
    guard
      let plan = try PlanCompiler.compile(
        bundle: bundle, path: path, camera: camera ?? (input.width, input.height))
    else { throw BenchError.noDeviceGraph(bundle.directory.path) }
    let folders = bundle.directory.standardizedFileURL.pathComponents.suffix(2)
    let isOnly = Self.devicePaths(of: bundle).count == 1
    self.init(
      name: folders.joined(separator: "/") + (isOnly ? "" : ":\(path)"), plan: plan,
      path: UInt8(clamping: path))
  }

  /// The paths of a bundle that have a device graph.
  public static func devicePaths(of bundle: ModelBundle) -> [Int] {
    bundle.manifest.paths.indices.filter { bundle.manifest.paths[$0].device != nil }
  }

  /// A bare model.
  ///
  /// - Throws: what compiling throws.
  public init(_ model: TFLiteModel, name: String) throws {
    self.init(name: name, plan: try PlanCompiler.compile(model), path: 0)
  }

  private init(name: String, plan: CompiledPlan, path: UInt8) {
    // A word, for the lines of counts.
    self.name = String(
      name.map { $0.isWhitespace || $0.asciiValue.map { $0 < 32 } == true ? "_" : $0 })
    self.plan = plan
    self.path = path
  }

  /// Inputs of random bytes; for a float32 input, of numbers from -4 to 4.
  public func randomInputs(_ count: Int, seed: UInt64) -> [[UInt8]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      plan.inputs.flatMap { tensor -> [UInt8] in
        guard tensor.type == "float32" else {
          return (0..<tensor.byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        return (0..<(tensor.byteCount / 4)).flatMap { _ -> [UInt8] in
          let value = Float.random(in: -4...4, using: &random).bitPattern.littleEndian
          return withUnsafeBytes(of: value) { Array($0) }
        }
      }
    }
  }

  /// The job that runs it.
  public func job(inputs: [[UInt8]], stepwise: Bool = false) -> BenchJob {
    var job = BenchJob(plan: plan.image, inputs: inputs)
    job.path = path
    job.stepwise = stepwise
    return job
  }
}
