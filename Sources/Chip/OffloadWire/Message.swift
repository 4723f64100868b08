extension UnsafeRawBufferPointer {
  /// The message at `offset`, which must end the body, of the length that the u16 at `lengthOffset`
  /// says.
  func message(at offset: Int, lengthAt lengthOffset: Int) throws(WireError)
    -> UnsafeRawBufferPointer
  {
    let length = Int(integer(at: lengthOffset, as: UInt16.self))
    guard length <= WireProtocol.maximumMessageLength else {
      throw .bodyTooLong(length: UInt32(length), maximum: WireProtocol.maximumMessageLength)
    }
    try checkLength(offset + length)
    return view(at: offset, count: length)
  }
}

#if !hasFeature(Embedded)
  extension UnsafeRawBufferPointer {
    /// The bytes as text on one line: control characters and what is not UTF-8 are replaced.
    var oneLine: String {
      let repaired = String(decoding: self, as: UTF8.self)
      return String(
        String.UnicodeScalarView(
          repaired.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? " " : scalar
          }))
    }
  }

  /// As much of a text as fits in a message, cut between characters.
  func messageBytes(of text: String) -> [UInt8] {
    var message: [UInt8] = []
    for character in text {
      guard message.count + character.utf8.count <= WireProtocol.maximumMessageLength else { break }
      message += character.utf8
    }
    return message
  }
#endif
