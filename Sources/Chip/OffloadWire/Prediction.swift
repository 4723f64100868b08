/// The answer to a request: the remote network's logits.
///
///      0  id                  u32
///      4  symbolsUsed         u32
///      8  logitCount          u16
///     10  reserved            u16  0
///     12  scale               f32  positive, finite
///     16  queueMicroseconds   u32
///     20  decodeMicroseconds  u32
///     24  runMicroseconds     u32
///     28  logits              logitCount int8
public struct Prediction: WireFrame {
  /// The request's.
  public let id: UInt32
  /// How many symbols of the payload the network saw, counted from the first.
  public let symbolsUsed: UInt32
  /// A logit is the scale times its int8 value.
  public let scale: Float
  /// From the end of the request to the run, less what decoding took then.
  public let queueMicroseconds: UInt32
  /// Decoding what had not been decoded when the request ended, and making features of it.
  public let decodeMicroseconds: UInt32
  /// The remote network, and making int8 logits of its output.
  public let runMicroseconds: UInt32
  /// int8 [classes].
  public let logits: UnsafeRawBufferPointer

  public static let type = FrameType.prediction
  static let fixedLength = 28

  /// Bytes of the body of a prediction of so many classes.
  public static func bodyLength(classes: Int) -> Int { fixedLength + classes }

  public init(
    id: UInt32, symbolsUsed: UInt32, scale: Float, queueMicroseconds: UInt32,
    decodeMicroseconds: UInt32, runMicroseconds: UInt32, logits: UnsafeRawBufferPointer
  ) {
    self.id = id
    self.symbolsUsed = symbolsUsed
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
    guard body.integer(at: 10, as: UInt16.self) == 0 else { throw .reservedNotZero }
    let logitCount = Int(body.integer(at: 8, as: UInt16.self))
    try body.checkLength(Self.fixedLength + logitCount)
    id = body.integer(at: 0, as: UInt32.self)
    symbolsUsed = body.integer(at: 4, as: UInt32.self)
    scale = Float(bitPattern: body.integer(at: 12, as: UInt32.self))
    guard scale.isFinite, scale > 0 else { throw .badScale }
    queueMicroseconds = body.integer(at: 16, as: UInt32.self)
    decodeMicroseconds = body.integer(at: 20, as: UInt32.self)
    runMicroseconds = body.integer(at: 24, as: UInt32.self)
    logits = body.view(at: Self.fixedLength, count: logitCount)
  }

  public func encode(body: UnsafeMutableRawBufferPointer) throws(WireError) {
    guard scale.isFinite, scale > 0 else { throw .badScale }
    body.store(bytes: logits, at: Self.fixedLength)
    body.store(id, at: 0)
    body.store(symbolsUsed, at: 4)
    body.store(UInt16(logits.count), at: 8)
    body.store(0 as UInt16, at: 10)
    body.store(scale.bitPattern, at: 12)
    body.store(queueMicroseconds, at: 16)
    body.store(decodeMicroseconds, at: 20)
    body.store(runMicroseconds, at: 24)
  }
}
