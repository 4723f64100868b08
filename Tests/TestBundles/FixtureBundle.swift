package import BundleFormat
package import Foundation

/// A bundle in `Tests/Fixtures/bundles`, as it is or with another manifest.
package struct FixtureBundle: Sendable, CustomStringConvertible {
  /// The folder's name.
  package let name: String

  package init(_ name: String) {
    self.name = name
  }

  /// AgileNN: features [5,4,4] of an image of 32x32, eight symbols, ten labels.
  package static let tiny = FixtureBundle("tiny")
  /// One of each other scheme, for ``Repository/pictures``.
  package static let mcunet = FixtureBundle("mcunet")
  package static let edgeOnly = FixtureBundle("edge-only")
  package static let deepcod = FixtureBundle("deepcod")
  package static let spinn = FixtureBundle("spinn")
  package static let schemes = [mcunet, edgeOnly, deepcod, spinn]

  package var description: String { name }

  package var folder: URL {
    Repository.fixtures.appendingPathComponent("bundles/\(name)", isDirectory: true)
  }

  package func load() throws -> ModelBundle { try ModelBundle(directory: folder) }

  /// Opens a copy with another manifest, for as long as `body` runs.
  ///
  /// - Parameter files: more files beside the manifest, by their names.
  package func edited<Result>(
    adding files: [String: [UInt8]] = [:], _ edit: (inout [String: Any]) throws -> Void,
    then body: (ModelBundle) throws -> Result
  ) throws -> Result {
    let copy = try BundleCopy(of: folder, adding: files, edit)
    return try withExtendedLifetime(copy) { try body(copy.load()) }
  }

  /// As above, for a body that waits.
  package func edited<Result>(
    _ edit: (inout [String: Any]) throws -> Void,
    then body: (ModelBundle) async throws -> Result
  ) async throws -> Result {
    let copy = try BundleCopy(of: folder, edit)
    defer { withExtendedLifetime(copy) {} }
    return try await body(copy.load())
  }
}
