import COnnxRuntime
import Foundation

/// ONNX Runtime's library and its one environment: the only place that loads it, and the only one
/// that turns its statuses into Swift errors.
///
/// Unchecked, because a pointer is not Sendable: the table is constant, the environment is
/// thread-safe, and both live as long as this object.
final class OrtLibrary: @unchecked Sendable {
  let functions: OrtFunctions
  let environment: OpaquePointer
  /// The library's own allocator. It is thread-safe and is never released.
  let allocator: OpaquePointer
  /// For example "1.32.0".
  let version: String

  init(at url: URL) throws(RemoteEngineError) {
    func unusable(_ reason: String) -> RemoteEngineError {
      .libraryUnusable(path: url.path, reason: reason)
    }
    // Never closed again: ONNX Runtime leaves threads and atexit handlers behind.
    guard let library = dlopen(url.path, RTLD_NOW | RTLD_LOCAL) else {
      throw unusable(dlerror().map { oneLine(String(cString: $0)) } ?? "it cannot be loaded")
    }
    guard let symbol = dlsym(library, "OrtGetApiBase") else {
      throw unusable("it has no OrtGetApiBase")
    }
    let getBase = unsafeBitCast(symbol, to: OrtGetBase.self)
    guard let base = getBase()?.pointee, let name = base.version() else {
      throw unusable("OrtGetApiBase returned nothing")
    }
    version = String(cString: name)
    // Asked of an older library, the function prints to standard error; so look at the version.
    let parts = version.split(separator: ".").compactMap { Int($0) }
    guard parts.count >= 2, parts[0] > 1 || parts[1] >= Int(ORT_REQUESTED_API_VERSION),
      let table = base.functions(UInt32(ORT_REQUESTED_API_VERSION))
    else {
      throw unusable("version \(version) is too old, 1.\(ORT_REQUESTED_API_VERSION) is needed")
    }
    functions = table.pointee

    var environment: OpaquePointer?
    try Self.check(functions, functions.createEnv(ORT_LOG_FATAL, "agilenn", &environment)) {
      unusable($0)
    }
    guard let environment else { throw unusable("it made no environment") }
    self.environment = environment
    var allocator: OpaquePointer?
    let status =
      functions.disableTelemetryEvents(environment) ?? functions.defaultAllocator(&allocator)
    do throws(RemoteEngineError) {
      try Self.check(functions, status) { unusable($0) }
      guard let allocator else { throw unusable("it has no allocator") }
      self.allocator = allocator
    } catch {
      functions.releaseEnv(environment)
      throw error
    }
  }

  deinit {
    functions.releaseEnv(environment)
  }

  /// Throws what `error` makes of the status's message, and releases the status.
  func check(
    _ status: OpaquePointer?, _ error: (_ reason: String) -> RemoteEngineError
  ) throws(RemoteEngineError) {
    try Self.check(functions, status, error)
  }

  /// As `check(_:_:)`, for what the caller can do nothing about.
  func check(
    _ status: OpaquePointer?, _ operation: StaticString
  ) throws(RemoteEngineError) {
    try check(status) { .failed(operation: "\(operation)", reason: $0) }
  }

  private static func check(
    _ functions: OrtFunctions, _ status: OpaquePointer?,
    _ error: (_ reason: String) -> RemoteEngineError
  ) throws(RemoteEngineError) {
    guard let status else { return }
    defer { functions.releaseStatus(status) }
    throw error(
      functions.getErrorMessage(status).map { oneLine(String(cString: $0)) } ?? "no message")
  }
}

/// A message of a C library as one line of bounded length.
private func oneLine(_ text: String) -> String {
  let line = text.split(whereSeparator: { $0.isNewline || $0.isWhitespace }).joined(separator: " ")
  return line.count <= 400 ? line : line.prefix(400) + "…"
}
