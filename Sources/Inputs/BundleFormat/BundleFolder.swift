import Crypto
import ExitStatus
import Foundation

/// The files of a bundle: found, kept inside their folder, measured and hashed.
struct BundleFolder {
  /// The folder as the user named it, for messages.
  private let name: String
  /// With symbolic links resolved.
  let url: URL

  /// What a file is for, which says how long it may be and what must be in it.
  enum Kind {
    case manifest, device, remote, coderTables

    /// Far above what works, far below what hurts.
    var byteLimit: Int {
      switch self {
      case .manifest: 4 << 20
      case .device: 2 << 20
      case .remote: 64 << 20
      case .coderTables: 1 << 20
      }
    }
  }

  init(_ directory: URL) throws(BundleError) {
    name = directory.path
    url = directory.resolvingSymlinksInPath()
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
      throw BundleError(file: name, reason: "there is no such folder", status: .missingInput)
    }
    guard isDirectory.boolValue else {
      throw BundleError(file: name, reason: "is not a folder", status: .missingInput)
    }
  }

  /// Where a graph's file is, with symbolic links resolved.
  func url(of file: String) -> URL {
    url.appending(path: file).resolvingSymlinksInPath()
  }

  /// An error of the manifest, or of a file that it names.
  func error(
    file: String = ModelBundle.manifestName, key: String?, _ reason: String,
    status: ExitStatus = .badData
  ) -> BundleError {
    BundleError(file: "\(name)/\(file)", key: key, reason: reason, status: status)
  }

  /// A line like that of an error.
  func warning(key: String, _ reason: String) -> String {
    error(key: key, reason).description
  }

  /// A file's content.
  ///
  /// - Parameter key: the manifest's key that names the file; nil for the manifest.
  func read(_ file: String, key: String?, limit kind: Kind) throws(BundleError) -> Data {
    let target = self.url(of: file)
    guard target.path.hasPrefix(url.path == "/" ? "/" : url.path + "/") else {
      throw error(file: file, key: key, "is a link that leaves the bundle's folder")
    }
    let content: Data
    do {
      content = try BoundedFile.read(target.path, limit: kind.byteLimit)
    } catch {
      switch error {
      case .missing:
        throw self.error(file: file, key: key, "there is no such file", status: .missingInput)
      case .unreadable:
        throw self.error(file: file, key: key, "cannot be read", status: .missingInput)
      case .notAFile: throw self.error(file: file, key: key, "is not a file")
      case .tooLong:
        throw self.error(file: file, key: key, "is longer than \(kind.byteLimit) bytes")
      }
    }
    return content
  }

  /// Checks a file that the manifest names, and returns its content and what is odd about it.
  ///
  /// - Parameter kind: nil: a graph that no path uses.
  func check(
    _ file: BundleManifest.File, key: String, kind: Kind?
  ) throws(BundleError) -> (content: Data, warning: String?) {
    let content = try read(file.file, key: key, limit: kind ?? .remote)
    let digest = Self.hexadecimal(SHA256.hash(data: content))
    if let stated = file.sha256, stated.lowercased() != digest {
      throw error(
        file: file.file, key: "\(key).sha256", "is \(stated), but the file's is \(digest)")
    }
    switch kind {
    case .device:
      guard content.dropFirst(4).prefix(4).elementsEqual("TFL3".utf8) else {
        throw error(file: file.file, key: key, "is not a TensorFlow Lite model")
      }
    case .remote:
      if let fault = content.withUnsafeBytes(ONNXInspection.fault(in:)) {
        throw error(file: file.file, key: key, Self.reason(for: fault))
      }
    case .coderTables:
      // What they must be is the coder's to say.
      guard !content.isEmpty else { throw error(file: file.file, key: key, "is empty") }
    case .manifest, nil: break
    }
    guard file.sha256 == nil else { return (content, nil) }
    return (content, warning(key: "\(key).sha256", "is missing; the file's is \(digest)"))
  }

  static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  /// Writes a file of the folder in one step.
  func write(_ content: Data, to file: String) throws(BundleError) {
    do {
      try content.write(to: url(of: file), options: .atomic)
    } catch {
      throw self.error(
        file: file, key: nil, "cannot be written: \(error.localizedDescription)",
        status: .cannotBind)
    }
  }

  private static func reason(for fault: ONNXInspection.Fault) -> String {
    switch fault {
    case .notONNX: "is not an ONNX model"
    case .externalData: "has external data; a bundle's ONNX model must hold its weights itself"
    case .tooDeep: "has subgraphs nested too deeply"
    }
  }
}
