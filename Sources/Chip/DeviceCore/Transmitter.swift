import OffloadWire

/// The part of the transmit buffer that the radio reads: two places, one of which is filled while
/// the other is on the air.
///
/// A place holds one transmission: at most a cancel, an infer, and a chunk or an end, one after
/// another without gaps. The payload always lies at the same offset, and what comes before it grows
/// towards the place's start, so that nothing is moved when it becomes clear which frames there are.
struct Transmitter {
  /// Where a place's payload begins.
  static let payloadOffset =
    Cancel(id: 0).encodedSize + Infer(id: 0, path: 0).encodedSize + End.payloadOffset

  /// Bytes of the frames around so much payload at most, which goes out in parts.
  static func headers(ofPayload bytes: Int, opening: Bool) -> Int {
    (opening ? Infer(id: 0, path: 0).encodedSize : 0) + End.payloadOffset
      + bytes / PathCoding.payloadRoom * Chunk.payloadOffset
  }

  /// Bytes of both places, for so many bytes of payload in each.
  static func size(payload: Int) -> Int { 2 * placeSize(payload: payload) }

  private static func placeSize(payload: Int) -> Int {
    (payloadOffset + payload + 15) & ~15
  }

  private let memory: UnsafeMutableRawBufferPointer
  /// Where the places' memory begins in the whole transmit buffer.
  private let start: Int
  private let placeSize: Int
  /// What lies in the places, from the whole buffer's start; empty for a free place.
  private var filled: (Range<Int>, Range<Int>) = (0..<0, 0..<0)
  /// The requests that the places' transmissions end.
  private var ends: (UInt32?, UInt32?)
  /// What is laid down in a free place and not to be sent yet.
  private var staged: (place: Int, range: Range<Int>, ends: UInt32?)?
  /// The place that was filled first, of those that are.
  private var first = 0
  /// Whether the radio has the first place.
  private(set) var isOnAir = false
  private var sendingSince: Microseconds = 0

  /// - Parameters:
  ///   - buffer: the whole transmit buffer, which the places end; empty where nothing is ever sent.
  ///   - payload: bytes of payload that each place has room for.
  init(in buffer: UnsafeMutableRawBufferPointer, payload: Int) {
    placeSize = buffer.isEmpty ? 0 : Self.placeSize(payload: payload)
    memory = buffer
    start = buffer.count - 2 * placeSize
    precondition(start >= 0)
  }

  private func isFree(_ place: Int) -> Bool { place == 0 ? filled.0.isEmpty : filled.1.isEmpty }

  /// The place to fill next; nil where both are taken.
  private var freePlace: Int? {
    if isFree(first) { return first }
    return isFree(1 - first) ? 1 - first : nil
  }

  var hasRoom: Bool { freePlace != nil }

  /// Bytes that are laid down and not known to be sent.
  var waitingBytes: Int { filled.0.count + filled.1.count }

  /// The room for payload of the place to fill next.
  var payloadRoom: UnsafeMutableRawBufferPointer {
    guard let place = freePlace else { preconditionFailure("both places are taken") }
    let offset = start + place * placeSize
    return UnsafeMutableRawBufferPointer(
      rebasing: memory[(offset + Self.payloadOffset)..<(offset + placeSize)])
  }

  /// Lays the frames of one transmission around the payload that lies in its place already, and
  /// returns their bytes. The radio is not given them before ``commit()``.
  ///
  /// - Parameters:
  ///   - cancelled: the request to withdraw first.
  ///   - opening: the request to open.
  ///   - request: whose payload it is.
  ///   - payload: bytes of it.
  ///   - symbols: how many symbols the whole payload has, if this ends it.
  mutating func stage(
    cancelled: UInt32?, opening: Infer?, request: UInt32, payload: Int, symbols: UInt32?
  ) throws(WireError) -> Int {
    guard let place = freePlace else { preconditionFailure("both places are taken") }
    let base = start + place * placeSize
    let body = base + Self.payloadOffset
    let bytes = UnsafeRawBufferPointer(rebasing: memory[body..<(body + payload)])
    var begin: Int
    if let symbols {
      begin = body - End.payloadOffset
      _ = try End(id: request, symbolCount: symbols, payload: bytes).encode(into: part(from: begin))
    } else {
      begin = body - Chunk.payloadOffset
      _ = try Chunk(id: request, payload: bytes).encode(into: part(from: begin))
    }
    if let opening {
      begin -= opening.encodedSize
      _ = try opening.encode(into: part(from: begin))
    }
    if let cancelled {
      let cancel = Cancel(id: cancelled)
      begin -= cancel.encodedSize
      _ = try cancel.encode(into: part(from: begin))
    }
    staged = (place, begin..<(body + payload), symbols == nil ? nil : request)
    return body + payload - begin
  }

  /// What was staged may be sent.
  mutating func commit() {
    guard let (place, range, end) = staged else { return }
    staged = nil
    if isFree(first) { first = place }
    if place == 0 {
      (filled.0, ends.0) = (range, end)
    } else {
      (filled.1, ends.1) = (range, end)
    }
  }

  /// What was staged is not to be sent.
  mutating func discardStaged() { staged = nil }

  private func part(from offset: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: memory[offset...])
  }

  /// Gives the radio what was laid down first; nil where it is busy or there is nothing.
  mutating func send(at now: Microseconds) -> Range<Int>? {
    guard !isOnAir, !isFree(first) else { return nil }
    isOnAir = true
    sendingSince = now
    return first == 0 ? filled.0 : filled.1
  }

  /// The radio has sent it: its place is free.
  ///
  /// - Returns: its bytes, how long they took, and the request that it ended; nil where nothing was
  ///   on the air.
  mutating func sent(at now: Microseconds) -> (bytes: Int, time: Microseconds, ended: UInt32?)? {
    guard isOnAir else { return nil }
    isOnAir = false
    let bytes = first == 0 ? filled.0.count : filled.1.count
    let ended = first == 0 ? ends.0 : ends.1
    free(first)
    first = 1 - first
    return (bytes, now - sendingSince, ended)
  }

  /// How long what is on the air has been so; nil where nothing is.
  func timeOnAir(at now: Microseconds) -> (bytes: Int, time: Microseconds)? {
    guard isOnAir else { return nil }
    return (first == 0 ? filled.0.count : filled.1.count, now - sendingSince)
  }

  /// Drops what waits; what is on the air stays until it is sent.
  mutating func dropWaiting() {
    if isOnAir {
      free(1 - first)
    } else {
      filled = (0..<0, 0..<0)
    }
  }

  /// The connection is gone: nothing waits and nothing is on the air.
  mutating func reset() {
    filled = (0..<0, 0..<0)
    isOnAir = false
  }

  private mutating func free(_ place: Int) {
    if place == 0 { filled.0 = 0..<0 } else { filled.1 = 0..<0 }
  }
}
