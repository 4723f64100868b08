public import BundleFormat
public import DeviceCore
public import Foundation
import MCUKernels
public import PlanCompiler
import SeededRandom
public import TFLite

/// A model as the firmware takes it: its plan, the very bytes that the emulator runs.
public struct FirmwareModel: Sendable {
  /// The last components of its path.
  public let name: String
  public let plan: CompiledPlan
  /// Whether it is a bundle's, with paths for the device program; else it is a bare model's.
  public let hasPaths: Bool

  /// A bundle's folder, or a `.tflite` file by itself.
  ///
  /// - Parameter camera: pixels that the camera delivers; nil for the bundle's input.
  /// - Throws: what reading and compiling throw.
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
    try self.init(ModelBundle(directory: url), camera: camera)
  }

  /// The plan of all of a bundle's paths.
  ///
  /// - Parameter camera: pixels that the camera delivers; nil for the bundle's input.
  /// - Throws: what compiling throws.
  public init(_ bundle: ModelBundle, camera: (width: Int, height: Int)? = nil) throws {
    let input = bundle.manifest.input
    let plan = try PlanCompiler.compile(
      bundle: bundle, camera: camera ?? (input.width, input.height))
    let folders = bundle.directory.standardizedFileURL.pathComponents.suffix(2)
    self.init(name: folders.joined(separator: "/"), plan: plan, hasPaths: true)
  }

  /// A bare model.
  ///
  /// - Throws: what compiling throws.
  public init(_ model: TFLiteModel, name: String) throws {
    self.init(name: name, plan: try PlanCompiler.compile(model), hasPaths: false)
  }

  private init(name: String, plan: CompiledPlan, hasPaths: Bool) {
    // A word, for the lines of counts.
    self.name = String(
      name.map { $0.isWhitespace || $0.asciiValue.map { $0 < 32 } == true ? "_" : $0 })
    self.plan = plan
    self.hasPaths = hasPaths
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

  /// The job that runs the whole plan on inputs.
  public func job(inputs: [[UInt8]], stepwise: Bool = false) -> BenchJob {
    var job = BenchJob(plan: plan.image, inputs: inputs)
    job.stepwise = stepwise
    return job
  }

  /// What the device program makes of images on the host, over a link of fixed times and with a
  /// server that answers every request: the same events whatever the board costs.
  ///
  /// - Throws: `PlanError`, `DeviceFault`, `WireError`.
  public func exchange(
    _ images: [[UInt8]], settings: DeviceSettings = DeviceSettings()
  ) throws -> [TracedEvent] {
    let driver = try CoreDriver(plan.image, settings: settings)
    let classes = driver.plan.classCount
    var predictions = RandomPredictions(seed: 1)
    if driver.core.wantsServer { driver.tell(.linkUp, at: 0) }
    var now: Microseconds = 1
    for image in images {
      now = try driver.classify(image, at: now) { request, symbols in
        try predictions.frame(for: request, symbols: Int(symbols), classes: classes)
      }
    }
    return driver.trace
  }
}
