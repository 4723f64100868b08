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
  /// The blocks do not follow one another from the first operator to the last.
  case malformedBlocks
  /// A send record is out of range, its tensor cannot be sent, or a symbol table names a symbol that
  /// its alphabet does not have.
  case malformedSend(index: Int)
  /// An exit record is out of range, its tensor is none of logits, or a table has a number that it
  /// may not have.
  case malformedExit(index: Int)
  /// A path record is out of range, or its records do not fit together.
  case malformedPath(index: Int)
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
        "the plan has version \(version) and this program runs version \(PlanFormat.version): "
          + "compile it anew with 'agilenn-lab plan'"
      case .wrongChecksum: "the plan image's checksum is wrong"
      case .malformedHeader: "the plan image's header is malformed"
      case .malformedTensor(let index): "malformed plan image: tensor \(index)"
      case .malformedOperator(let index): "malformed plan image: operator \(index)"
      case .malformedBlocks: "malformed plan image: blocks"
      case .malformedSend(let index): "malformed plan image: send \(index)"
      case .malformedExit(let index): "malformed plan image: exit \(index)"
      case .malformedPath(let index): "malformed plan image: path \(index)"
      case .unusableArena(let needed):
        "the plan needs an arena of \(needed) bytes that starts at a multiple of 4 bytes"
      case .noSuchOperator(let index): "the plan has no operator \(index)"
      }
    }
  }
#endif
