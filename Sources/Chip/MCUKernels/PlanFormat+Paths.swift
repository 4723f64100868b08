extension PlanFormat {
  /// Blocks have a bit each in a mask of 32.
  public static let maximumBlocks = 32
  /// A request names its path in one byte.
  public static let maximumPaths = 256
  /// Exits of a path.
  public static let maximumExits = 16
  /// Bytes of a block's entry: the index behind its last operator.
  public static let blockEntrySize = 4
  public static let pathRecordSize = 64
  public static let sendRecordSize = 64
  public static let exitRecordSize = 32
  /// Bytes of a symbol table: a symbol for each int8 value, by value + 128.
  public static let symbolTableSize = 256
  /// Numbers of a confidence table: one for each difference of two int8 values.
  public static let confidenceTableCount = 256

  /// Byte offsets of a path record's fields.
  public enum Path {
    public static let flags = 0
    /// The send record's index, or ``none``.
    public static let send = 2
    public static let firstExit = 4
    public static let exitCount = 6
    /// Zero from here to the record's end; and byte 1.
    public static let reserved = 8
    public static let flagRemote: UInt8 = 1
    public static let none: UInt16 = 0xFFFF
  }

  /// A send picks so many channels at most.
  public static let mostPickedChannels = 256

  /// Byte offsets of a send record's fields.
  public enum Send {
    /// The output's index.
    public static let tensor = 0
    /// A ``PlanCoder``'s raw value.
    public static let coder = 2
    public static let blocks = 4
    public static let symbolsOffset = 8
    public static let symbolTableCount = 12
    public static let alphabetSize = 14
    public static let coderTablesOffset = 16
    public static let coderTablesLength = 20
    /// A u16 each: the tensor's channels that are sent; 0 where all are.
    public static let channelsOffset = 24
    public static let channelCount = 28
    /// Zero from here to the record's end; and byte 3.
    public static let reserved = 30
  }

  /// Byte offsets of an exit record's fields.
  public enum Exit {
    public static let place = 0
    /// The output's index; 0 for a server exit.
    public static let tensor = 2
    public static let blocks = 4
    public static let threshold = 8
    public static let confidenceOffset = 12
    public static let alphaOffset = 16
    public static let alphaCount = 20
    /// Zero from here to the record's end; and byte 1.
    public static let reserved = 22
    public static let placeDevice: UInt8 = 0
    public static let placeServer: UInt8 = 1
    /// The threshold of an exit that never answers by its confidence.
    public static let never: Float = 2
  }
}
