/// The answer to infer: the remote network's logits.
///
///     0  id                  u32
///     4  complete            u8   0 or 1
///     5  reserved            u8   0
///     6  logitCount          u16
///     8  scale               f32  positive, finite
///    12  queueMicroseconds   u32
///    16  decodeMicroseconds  u32
///    20  runMicroseconds     u32
///    24  logits              logitCount int8
public struct Prediction: WireFrame {
  /// The infer frame's.
  public let id: UInt32
  /// Whether the server used every symbol.
  public let complete: Bool
  /// A logit is the scale times its int8 value.
  public let scale: Float
  /// From the frame's arrival to the beginning of its decoding, waiting for a batch included.
  public let queueMicroseconds: UInt32
  /// Decoding the payload and making features of it.
  public let decodeMicroseconds: UInt32
  /// The remote network, and making int8 logits of its output.
  public let runMicroseconds: UInt32
  /// int8 [classes].
  public let logits: UnsafeRawBufferPointer

  public static let type = FrameType.prediction
  static let fixedLength = 24

  /// Bytes of the body of a prediction of so many classes.
  public static func bodyLength(classes: Int) -> Int { fixedLength + classes }

  public init(
    id: UInt32, complete: Bool, scale: Float, queueMicroseconds: UInt32,
    decodeMicroseconds: UInt32, runMicroseconds: UInt32, logits: UnsafeRawBufferPointer
  ) {
    self.id = id
    self.complete = complete
    self.scale = scale
    self.queueMicroseconds = queueMicroseconds
    self.decodeMicroseconds = decodeMicroseconds
    self.runMicroseconds = runMicroseconds
    self.logits = logits
  }

  public var bodyLength: Int { Self.fixedLength + logits.count }

  public init(decoding body: UnsafeRawBufferPointer) throws(WireError) {
    guard body.count >= Self.fixedLength else {
      throw .truncated(expected: Self.fixedLength, found: body.count)
    }
    guard body[4] <= 1 else { throw .badFlag(body[4]) }
    guard body[5] == 0 else { throw .reservedNotZero }
    let logitCount = Int(body.integer(at: 6, as: UInt16.self))
    try body.checkLength(Self.fixedLength + logitCount)
    id = body.integer(at: 0, as: UInt32.self)
    complete = body[4] == 1
    scale = Float(bitPattern: body.integer(at: 8, as: UInt32.self))
    guard scale.isFinite, scale > 0 else { throw .badScale }
    queueMicroseconds = body.integer(at: 12, as: UInt32.self)
    decodeMicroseconds = body.integer(at: 16, as: UInt32.self)
    runMicroseconds = body.integer(at: 20, as: UInt32.self)
    logits = body.view(at: Self.fixedLength, count: logitCount)
  }

  public func encode(body: UnsafeMutableRawBufferPointer) throws(WireError) {
    guard scale.isFinite, scale > 0 else { throw .badScale }
    body.store(bytes: logits, at: Self.fixedLength)
    body.store(id, at: 0)
    body.store(complete ? 1 : 0 as UInt8, at: 4)
    body.store(0 as UInt8, at: 5)
    body.store(UInt16(logits.count), at: 6)
    body.store(scale.bitPattern, at: 8)
    body.store(queueMicroseconds, at: 12)
    body.store(decodeMicroseconds, at: 16)
    body.store(runMicroseconds, at: 20)
  }
}
