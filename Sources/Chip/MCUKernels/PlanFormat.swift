/// Where things lie in a plan image: the numbers of `docs/plan.md`, shared by the executor here and
/// by the compiler that writes images. All offsets are in bytes; all numbers are little-endian.
public enum PlanFormat {
  /// "AGNP", read as a little-endian word.
  public static let magic: UInt32 = 0x504E_4741
  public static let version: UInt16 = 3
  public static let headerSize = 128
  public static let operatorRecordSize = 160
  public static let tensorRecordSize = 64
  /// Bytes of one channel's row in a requantisation table: bias, multiplier, shift, addend.
  public static let channelRowSize = 16
  /// Bytes of one row of a loop table: count, first stride, second stride.
  public static let loopRowSize = 12
  /// Every section of an image, every constant in it and every tensor in the arena starts at a
  /// multiple of this.
  public static let alignment = 16
  /// Neither an image nor an arena is larger, so that 32-bit arithmetic on sizes cannot overflow.
  public static let sizeLimit = 1 << 28
  public static let maximumRank = 6
  public static let maximumLoops = 7
  /// Fraction bits of a resize position.
  public static let positionFractionBits = 11

  /// Byte offsets of the header's fields.
  public enum Header {
    public static let magic = 0
    public static let version = 4
    public static let headerSize = 6
    public static let length = 8
    public static let checksum = 12
    public static let digest = 16
    public static let arenaSize = 48
    public static let operatorCount = 52
    public static let operatorsOffset = 56
    public static let tensorsOffset = 60
    public static let inputCount = 64
    public static let outputCount = 66
    public static let classCount = 68
    public static let scheme = 70
    public static let blockCount = 71
    public static let blocksOffset = 72
    public static let pathCount = 76
    public static let sendCount = 78
    public static let exitCount = 80
    public static let pathsOffset = 84
    public static let sendsOffset = 88
    public static let exitsOffset = 92
    /// Zero from here to the header's end; and ``reservedHalf``.
    public static let reserved = 96
    public static let reservedHalf = 82
  }

  /// Byte offsets of a tensor record's fields.
  public enum Tensor {
    public static let offset = 0
    public static let byteCount = 4
    public static let scale = 8
    public static let zeroPoint = 12
    public static let elementType = 16
    public static let role = 17
    public static let rank = 18
    public static let dimensions = 20
  }

  /// The 32-bit words of an operator record, by index.
  public enum Word: Int, CaseIterable, Sendable {
    /// The kind in the low byte, then ``PlanFormat/flagSecondInImage`` and its like.
    case kind = 0
    /// The second operand's words are the scratch's where a convolution has none.
    case inputOffset, inputBytes, secondOffset, secondBytes, outputOffset, outputBytes
    case batches
    case inputHeight, inputWidth, inputChannels, outputHeight, outputWidth, outputChannels
    case kernelHeight, kernelWidth, strideHeight, strideWidth
    case inputElements, outputElements, macsLow, macsHigh
    case padTop, padLeft, dilationHeight, dilationWidth
    case inputZeroPoint, secondZeroPoint, outputZeroPoint
    case activationMinimum, activationMaximum
    /// Weights, lookup table or position table, in the image.
    case constantsOffset
    /// Channel rows or loop rows, in the image.
    case rowsOffset
    case rowCount
    /// Six words whose meaning is the kind's own.
    case own0, own1, own2, own3, own4, own5
  }

  /// Flag of word 0: the second operand of ADD or MUL is a constant in the image.
  public static let flagSecondInImage: UInt32 = 1 << 8
  /// Flag of word 0: the input of CONCATENATION is a constant in the image.
  public static let flagInputInImage: UInt32 = 1 << 9
  /// Flag of word 0: the input of DEQUANTIZE is uint8.
  public static let flagInputUnsigned: UInt32 = 1 << 10
  /// Flag of word 0: the channel rows of a convolution or a dense layer are quick ones.
  public static let flagQuickRows: UInt32 = 1 << 11
  /// The right shifts that a quick row may have.
  public static let quickShifts: ClosedRange<Int32> = 1...22
}
