public import ExitStatus

/// Why a bundle cannot be used: one line that names the file and, in a manifest, the key.
public struct BundleError: Error, Equatable, Sendable {
  /// The file or folder.
  public let file: String
  /// Where in the manifest, as in `paths[0].exits[1].tensor`; nil if that is not where it lies.
  public let key: String?
  public let reason: String
  /// ``ExitStatus/badData`` or ``ExitStatus/missingInput``; of an update also
  /// ``ExitStatus/cannotBind``, where nothing can be written.
  public let status: ExitStatus

  init(file: String, key: String? = nil, reason: String, status: ExitStatus) {
    self.file = file
    self.key = key
    self.reason = reason
    self.status = status
  }
}

extension BundleError: ExitStatusProviding {
  public var exitStatus: Int32 { status.rawValue }
}

extension BundleError: CustomStringConvertible {
  public var description: String {
    // Names come out of the manifest; they must not break the line.
    [file, key, reason].compactMap(\.self).map(Self.onOneLine).joined(separator: ": ")
  }

  private static func onOneLine(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .lineSeparator, .paragraphSeparator: "?"
          default: scalar
          }
        }))
  }
}
