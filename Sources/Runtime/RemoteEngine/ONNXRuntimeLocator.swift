import Foundation

/// Finds ONNX Runtime's C library.
struct ONNXRuntimeLocator {
  /// The process's environment, or a test's.
  var environment = ProcessInfo.processInfo.environment

  /// The library's file: the one that is named, else `$AGILENN_ONNXRUNTIME`, else the newest in the
  /// virtual environment that `scripts/setup` makes. A file that is named but not there is an error;
  /// the search does not go on behind the user's back.
  ///
  /// - Throws: `RemoteEngineError.libraryNotFound`.
  func locate(named library: URL?) throws(RemoteEngineError) -> URL {
    if let library {
      return try existing(library)
    }
    if let path = environment["AGILENN_ONNXRUNTIME"], !path.isEmpty {
      return try existing(URL(fileURLWithPath: path))
    }
    guard let newest = installed().last else {
      throw .libraryNotFound("in \(virtualEnvironment.path)")
    }
    return newest
  }

  private func existing(_ url: URL) throws(RemoteEngineError) -> URL {
    // The loader would wait for a pipe's other end.
    var information = stat()
    guard stat(url.path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      throw .libraryNotFound("at \(url.path)")
    }
    return url
  }

  private var virtualEnvironment: URL {
    // The folders of scripts/setup, which asks the environment too.
    let home = folder("HOME") ?? FileManager.default.homeDirectoryForCurrentUser
    let cache = folder("AGILENN_CACHE") ?? home.appendingPathComponent(".cache/agilenn")
    return cache.appendingPathComponent("run")
  }

  private func folder(_ variable: String) -> URL? {
    environment[variable].flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0) }
  }

  /// The libraries in the virtual environment, by version, the newest last.
  private func installed() -> [URL] {
    let library = virtualEnvironment.appendingPathComponent("lib")
    return entries(of: library, startingWith: "python").flatMap { python in
      entries(
        of: python.appendingPathComponent("site-packages/onnxruntime/capi"),
        startingWith: "libonnxruntime.so")
    }.sorted {
      $0.lastPathComponent.compare($1.lastPathComponent, options: .numeric) == .orderedAscending
    }
  }

  private func entries(of folder: URL, startingWith prefix: String) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasPrefix(prefix) }.map { folder.appendingPathComponent($0) }
  }
}
