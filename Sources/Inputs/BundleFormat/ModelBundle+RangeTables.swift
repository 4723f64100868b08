import Crypto
import ExitStatus
import Foundation

extension ModelBundle {
  /// Writes a range coder's tables beside the manifest, and makes the range coder the coder of the
  /// path whose tables they are. The bundle's digest changes with it.
  ///
  /// Nothing is written unless the whole bundle is good then; the manifest is written last, in one
  /// step.
  ///
  /// - Parameters:
  ///   - tables: by path, the content of the file.
  /// - Throws: ``BundleError``, as ``init(directory:)`` does.
  public static func setRangeTables(
    _ tables: [Int: Data], directory: URL
  ) throws(BundleError) {
    let folder = try BundleFolder(directory)
    let old = try folder.read(manifestName, key: nil, limit: .manifest)
    var root: OrderedJSON
    do {
      root = try OrderedJSON(parsing: old)
    } catch {
      throw folder.error(key: error.key, error.reason)
    }
    for (path, content) in tables.sorted(by: { $0.key < $1.key }) {
      let file = tables.count == 1 ? "coder.bin" : "coder-\(path).bin"
      let digest = SHA256.hash(data: content).map { byte in
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }.joined()
      do {
        try content.write(to: folder.url(of: file), options: .atomic)
      } catch {
        throw folder.error(
          file: file, key: nil, "cannot be written: \(error.localizedDescription)",
          status: .cannotBind)
      }
      let coder = OrderedJSON.object([
        "name": .string("range"),
        "tables": .object(["file": .string(file), "sha256": .string(digest)]),
      ])
      root = root.replacing(["paths", "\(path)", "sends", "0", "coder"], with: coder)
    }
    let new = Data(root.text.utf8)
    _ = try ModelBundle(directory: directory, folder: folder, text: new)
    do {
      try new.write(to: folder.url(of: manifestName), options: .atomic)
    } catch {
      throw folder.error(
        key: nil, "cannot be written: \(error.localizedDescription)", status: .cannotBind)
    }
  }
}

extension OrderedJSON {
  /// The value with another one at the end of a way of keys and positions; a last key that is not
  /// there is added. A way that leads nowhere changes nothing.
  func replacing(_ way: ArraySlice<String>, with value: OrderedJSON) -> OrderedJSON {
    guard let step = way.first else { return value }
    switch self {
    case .plain: return self
    case .list(var values):
      guard let index = Int(step), values.indices.contains(index) else { return self }
      values[index] = values[index].replacing(way.dropFirst(), with: value)
      return .list(values)
    case .object(var members):
      if let index = members.firstIndex(where: { $0.key == step }) {
        members[index].value = members[index].value.replacing(way.dropFirst(), with: value)
      } else if way.count == 1 {
        members.append(Member(key: step, value: value))
      }
      return .object(members)
    }
  }

  func replacing(_ way: [String], with value: OrderedJSON) -> OrderedJSON {
    replacing(way[...], with: value)
  }
}
