import BundleFormat
public import Foundation

/// The folder `Config/`: boards, radios and kernel presets by name, or from a user's own file, and
/// the firmware's figures.
///
/// A name is a file's name without `.yaml`; what has a slash in it or ends in `.yaml` or `.yml` is
/// the path of a file.
public struct ConfigStore: Sendable {
  /// The folder that holds `boards`, `radios` and `kernels`.
  public let root: URL

  public init(root: URL) {
    self.root = root
  }

  /// Finds the folder: `$AGILENN_CONFIG` where it is set (and then nowhere else), else `Config` in
  /// the current directory or a folder above it, else beside the executable or above that, which
  /// is the package's own where the program was built by `swift build`.
  ///
  /// - Throws: ``ConfigError/noConfigFolder(searched:)``.
  public static func locate(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    currentDirectory: URL = URL(fileURLWithPath: FileManager.default.currentDirectoryPath),
    executable: URL? = Foundation.Bundle.main.executableURL
  ) throws(ConfigError) -> ConfigStore {
    if let named = environment["AGILENN_CONFIG"], !named.isEmpty {
      let root = URL(fileURLWithPath: named, isDirectory: true)
      guard isConfigFolder(root) else { throw .noConfigFolder(searched: [named]) }
      return ConfigStore(root: root)
    }
    let starts = [
      currentDirectory, executable?.resolvingSymlinksInPath().deletingLastPathComponent(),
    ].compactMap { $0 }
    for start in starts {
      for folder in foldersUpwards(from: start) {
        let root = folder.appendingPathComponent("Config", isDirectory: true)
        if isConfigFolder(root) { return ConfigStore(root: root) }
      }
    }
    throw .noConfigFolder(searched: starts.map { "\($0.path) and above" })
  }

  /// The names to be had of one kind, sorted.
  public func names(of kind: ConfigKind) -> [String] {
    let folder = root.appendingPathComponent(kind.rawValue)
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }
      .map { String($0.dropLast(".yaml".count)) }.sorted()
  }

  /// - Throws: ``ConfigError`` (unknown name, unreadable or malformed file).
  public func board(_ nameOrPath: String) throws(ConfigError) -> BoardProfile {
    try BoardProfile(reading: open(.board, nameOrPath)) { () throws(ConfigError) in
      try firmware()
    }
  }

  /// The figures of the firmware as it was last measured, for boards that run it.
  private func firmware() throws(ConfigError) -> ConfigNode {
    let shown = "Config/firmware.yaml"
    let path = root.appendingPathComponent("firmware.yaml").path
    return try ConfigNode(path: shown, text: ConfigStore.read(path, shownAs: shown))
  }

  /// - Returns: the radio; nil for `none`, the unshaped link.
  /// - Throws: ``ConfigError`` (unknown name, unreadable or malformed file).
  public func radio(_ nameOrPath: String) throws(ConfigError) -> RadioProfile? {
    guard nameOrPath != "none" else { return nil }
    return try RadioProfile(reading: open(.radio, nameOrPath))
  }

  /// - Throws: ``ConfigError`` (unknown name, unreadable or malformed file).
  public func kernels(_ nameOrPath: String) throws(ConfigError) -> KernelPreset {
    var layers: [ConfigNode] = []
    var next: String? = nameOrPath
    while let name = next {
      let layer = try open(.kernels, name)
      layers.append(layer)
      next = try KernelPreset.base(of: layer)
      if layers.count > 4 {
        throw layers[0].malformed("the chain of 'extends' does not end")
      }
    }
    return try KernelPreset(reading: layers)
  }

  /// Every preset in the folder, by name in order.
  ///
  /// - Throws: ``ConfigError`` (unreadable or malformed file).
  public func allKernels() throws(ConfigError) -> [KernelPreset] {
    var presets: [KernelPreset] = []
    for name in names(of: .kernels) {
      presets.append(try kernels(name))
    }
    return presets
  }

  private func open(_ kind: ConfigKind, _ nameOrPath: String) throws(ConfigError) -> ConfigNode {
    let isPath =
      nameOrPath.contains("/") || nameOrPath.hasSuffix(".yaml") || nameOrPath.hasSuffix(".yml")
    let path: String
    let shown: String
    if isPath {
      path = nameOrPath
      shown = nameOrPath
    } else {
      let available = names(of: kind)
      guard available.contains(nameOrPath) else {
        let listed = kind == .radio ? available + ["none"] : available
        throw .unknown(kind: kind, name: nameOrPath, available: listed)
      }
      shown = "Config/\(kind.rawValue)/\(nameOrPath).yaml"
      path = root.appendingPathComponent("\(kind.rawValue)/\(nameOrPath).yaml").path
    }
    return try ConfigNode(path: shown, text: ConfigStore.read(path, shownAs: shown))
  }

  /// The most bytes of a configuration file, for a user may name any file at all.
  private static let largestFile = 1 << 20

  /// The text of a configuration file of any kind.
  ///
  /// - Parameter shown: what messages call it.
  public static func read(_ path: String, shownAs shown: String) throws(ConfigError) -> String {
    let data: Data
    do {
      data = try BoundedFile.read(path, limit: largestFile)
    } catch {
      switch error {
      case .missing: throw .unreadable(path: shown, reason: "no such file")
      case .unreadable(let reason): throw .unreadable(path: shown, reason: reason)
      case .notAFile: throw .unreadable(path: shown, reason: "not a file")
      case .tooLong:
        throw .malformed(path: shown, line: 0, reason: "longer than \(largestFile) bytes")
      }
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw .malformed(path: shown, line: 0, reason: "not UTF-8 text")
    }
    return text
  }

  private static func isConfigFolder(_ folder: URL) -> Bool {
    var isDirectory: ObjCBool = false
    let boards = folder.appendingPathComponent(ConfigKind.board.rawValue).path
    return FileManager.default.fileExists(atPath: boards, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }

  private static func foldersUpwards(from start: URL) -> [URL] {
    var folders = [start.standardizedFileURL]
    while let last = folders.last, last.path != "/", folders.count < 64 {
      folders.append(last.deletingLastPathComponent())
    }
    return folders
  }
}
