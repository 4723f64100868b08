import BundleFormat
import Crypto
import Foundation
import TestBundles
import Testing

/// One path of one of the schemes' bundles, and what the oracles say about it.
struct SchemePath: CustomTestStringConvertible, Sendable {
  let bundle: FixtureBundle
  let path: BundleManifest.Path
  let pictures: [OracleAnswers.Picture]
  /// The file of the path's remote graph.
  let remoteFile: String?

  init(_ bundle: FixtureBundle, _ path: BundleManifest.Path, of manifest: BundleManifest) throws {
    self.bundle = bundle
    self.path = path
    pictures = try OracleAnswers(of: bundle).pictures(path.name)
    remoteFile = path.remote.flatMap { manifest.graphs[$0]?.file }
  }

  /// A path by its name.
  init(_ bundle: FixtureBundle, _ name: String) throws {
    let manifest = try bundle.load().manifest
    let path = try #require(manifest.paths.first { $0.name == name })
    try self.init(bundle, path, of: manifest)
  }

  static let all: [SchemePath] = FixtureBundle.schemes.flatMap { bundle -> [SchemePath] in
    guard let manifest = try? bundle.load().manifest else { return [] }
    return manifest.paths.compactMap { try? SchemePath(bundle, $0, of: manifest) }
  }

  /// Those that send something.
  static let offloading = all.filter { $0.path.remote != nil }

  var testDescription: String { "\(bundle.name)/\(path.name)" }

  /// The first of the path's exits that is sure enough of a picture, and else its last one.
  func exit(_ picture: OracleAnswers.Picture) -> OracleAnswers.Exit? {
    let sure = zip(path.deviceExits, picture.exits).first { exit, found in
      exit.threshold.map { found.confidence >= Double($0) } ?? false
    }
    return sure?.1 ?? picture.exits.last
  }

  /// SHA-256 of float32 values, little-endian.
  static func digest(_ features: [Float]) -> String {
    var hash = SHA256()
    for feature in features {
      withUnsafeBytes(of: feature.bitPattern.littleEndian) { hash.update(bufferPointer: $0) }
    }
    return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
