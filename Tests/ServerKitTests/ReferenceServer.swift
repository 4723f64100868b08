/// The rules of docs/protocol.md for requests without a time limit, said once more in the simplest
/// way: what a server owes for each frame if the device waits for every answer.
struct ReferenceServer {
  enum Frame: Equatable {
    case infer(id: UInt32)
    case chunk(id: UInt32, [UInt8])
    case end(id: UInt32, symbolCount: UInt32?, [UInt8])
    case cancel(id: UInt32)
  }

  enum Outcome: Equatable {
    case nothing
    case prediction(id: UInt32, symbols: [UInt8])
    case expired(id: UInt32)
    case tooLarge
    case outOfOrder
    case undecodable
  }

  let bundle: TestBundle
  private var open: (id: UInt32, payload: [UInt8])?
  private var last: UInt32?

  /// The longest payload of eight symbols.
  private static let longestPayload = 4

  init(_ bundle: TestBundle) {
    self.bundle = bundle
  }

  mutating func receive(_ frame: Frame) -> Outcome {
    switch frame {
    case .infer(let id):
      guard open == nil, id != last else { return .outOfOrder }
      open = (id, [])
      last = id
      return .nothing
    case .cancel(let id):
      guard id == last else { return .outOfOrder }
      open = nil
      return .nothing
    case .chunk(let id, let bytes):
      return take(id, bytes, fields: 4) ?? .nothing
    case .end(let id, let count, let bytes):
      let isOpen = open != nil
      if let outcome = take(id, bytes, fields: 8, symbolCount: count) { return outcome }
      guard isOpen, let payload = open?.payload else { return .nothing }
      open = nil
      guard let symbols = Self.symbols(payload, count) else { return .undecodable }
      return symbols.isEmpty ? .expired(id: id) : .prediction(id: id, symbols: symbols)
    }
  }

  /// nil: more is to come, or the frame is too late for the last request.
  ///
  /// - Parameter fields: bytes of the body before the payload.
  private mutating func take(
    _ id: UInt32, _ bytes: [UInt8], fields: Int, symbolCount: UInt32? = nil
  ) -> Outcome? {
    guard last != nil else { return .outOfOrder }
    guard fields + bytes.count <= 8 + Self.longestPayload else { return .tooLarge }
    guard id == last else { return .outOfOrder }
    guard let payload = open?.payload else { return nil }
    if let symbolCount, symbolCount > TestBundle.symbolCount { return .undecodable }
    guard payload.count + bytes.count <= Self.longestPayload else { return .tooLarge }
    open?.payload += bytes
    let isWhole = symbolCount != nil
    return isWhole || Self.symbols(payload + bytes, nil) != nil ? nil : .undecodable
  }

  /// LZW with the dictionary as strings.
  ///
  /// - Parameter count: nil: as many symbols as the whole codes have, eight at most.
  static func symbols(_ payload: [UInt8], _ count: UInt32?) -> [UInt8]? {
    let bits = payload.flatMap { byte in (0..<8).map { byte >> UInt8($0) & 1 } }
    var dictionary = (0..<TestBundle.alphabetSize).map { [UInt8($0)] }
    var symbols: [UInt8] = []
    var position = 0
    var previous: [UInt8] = []
    let limit = count.map(Int.init) ?? TestBundle.symbolCount
    while symbols.count < limit {
      let entries = dictionary.count + (previous.isEmpty ? 0 : 1)
      var width = 1
      while 1 << width < entries { width += 1 }
      guard position + width <= bits.count else { break }
      let code = (0..<width).reduce(0) { $0 | Int(bits[position + $1]) << $1 }
      position += width
      guard code < entries else { return nil }
      let string = code < dictionary.count ? dictionary[code] : previous + previous.prefix(1)
      if !previous.isEmpty { dictionary.append(previous + string.prefix(1)) }
      symbols += string
      previous = string
    }
    guard symbols.count <= limit else { return nil }
    guard count != nil else { return symbols }
    let isEnd = (position + 7) / 8 == payload.count && !bits[position...].contains(1)
    return symbols.count == limit && isEnd ? symbols : nil
  }
}
