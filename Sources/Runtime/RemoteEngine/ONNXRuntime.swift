import COnnxRuntime
public import Foundation

/// ONNX Runtime in the process: its C library, out of the Python wheel, loaded at run time.
///
/// One thread runs a network's operators, without spinning, so that what a run costs is what one core
/// gives and an idle server burns nothing. Networks may outlive the engine that loaded them.
public final class ONNXRuntime: RemoteEngine {
  private let library: OrtLibrary

  /// Loads the library.
  ///
  /// - Parameter library: the library's file; nil looks for `$AGILENN_ONNXRUNTIME`, then for the one
  ///   that `scripts/setup` installs.
  /// - Throws: `RemoteEngineError.libraryNotFound` or `.libraryUnusable`.
  public convenience init(library: URL? = nil) throws {
    try self.init(library: library, locator: ONNXRuntimeLocator())
  }

  init(library: URL?, locator: ONNXRuntimeLocator) throws(RemoteEngineError) {
    self.library = try OrtLibrary(at: locator.locate(named: library))
  }

  /// The library's version, for example "1.32.0".
  public var version: String { library.version }

  public func load(modelAt url: URL) throws -> any RemoteNetwork {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory),
      !isDirectory.boolValue
    else { throw RemoteEngineError.modelNotFound(url.path) }
    return try ONNXNetwork(library: library, session: OrtSession(library: library, modelAt: url))
  }
}
