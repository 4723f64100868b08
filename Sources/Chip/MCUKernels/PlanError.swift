/// Why a plan image was refused, or could not run.
///
/// A value carries numbers only, no strings, so that the chip can throw it without allocating; the
/// words are in ``description``.
public enum PlanError: Error, Equatable, Sendable {
  /// The image is shorter than its header, or not as long as its header says.
  case truncated
  /// The image does not start at a multiple of 4.
  case misaligned
  case notAPlan
  case unsupportedVersion(UInt16)
  case wrongChecksum
  /// A field of the header is out of range, or a table leaves the image.
  case malformedHeader
  /// A tensor record is out of range, or its bytes leave the arena.
  case malformedTensor(index: Int)
  /// An operator record is out of range, or would read or write outside its tensors.
  case malformedOperator(index: Int)
  /// A symbol table names a symbol that its alphabet does not have.
  case malformedSymbols
  /// The arena handed in is smaller than the plan's, or does not start at a multiple of 4.
  case unusableArena(needed: Int)
  case noSuchOperator(index: Int)
}

#if !hasFeature(Embedded)
  extension PlanError: CustomStringConvertible {
    public var description: String {
      switch self {
      case .truncated: "the plan image is truncated"
      case .misaligned: "the plan image does not start at a multiple of 4 bytes"
      case .notAPlan: "not a plan image: the magic is wrong"
      case .unsupportedVersion(let version):
        "unsupported plan version \(version), not \(PlanFormat.version)"
      case .wrongChecksum: "the plan image's checksum is wrong"
      case .malformedHeader: "the plan image's header is malformed"
      case .malformedTensor(let index): "malformed plan image: tensor \(index)"
      case .malformedOperator(let index): "malformed plan image: operator \(index)"
      case .malformedSymbols: "malformed plan image: symbol tables"
      case .unusableArena(let needed):
        "the plan needs an arena of \(needed) bytes that starts at a multiple of 4 bytes"
      case .noSuchOperator(let index): "the plan has no operator \(index)"
      }
    }
  }
#endif
