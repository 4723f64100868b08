import OffloadWire

/// The frames of one transmission, as the emulated air hands them to the server.
struct ArrivedFrames {
  /// A request that they open.
  private(set) var opened: Infer?
  /// A request that they end.
  private(set) var ended: UInt32?
  /// A request that they withdraw.
  private(set) var cancelled: UInt32?
  /// What goes over the real connection: the frames, without the time that the request has left,
  /// because the server's clock is not the emulated one.
  private(set) var bytesForServer: [UInt8]

  /// - Parameter bytes: whole frames of the device program's own making, one after another.
  init(_ bytes: [UInt8]) {
    bytesForServer = bytes
    let framer = Framer(maximumBodyLength: bytes.count)
    bytes.withUnsafeBytes { bytes in
      var start = 0
      while start < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        guard case .frame(let header)? = try? framer.next(in: rest) else {
          preconditionFailure("the device program sends whole frames")
        }
        take(header, UnsafeRawBufferPointer(rebasing: rest[header.body]), at: start)
        start += header.frameSize
      }
    }
  }

  private mutating func take(_ header: FrameHeader, _ body: UnsafeRawBufferPointer, at start: Int) {
    switch header.type {
    case .infer:
      guard let infer = try? Infer(decoding: body),
        let untimed = try? Infer(id: infer.id, path: infer.path).encoded()
      else { return }
      opened = infer
      bytesForServer.replaceSubrange(start..<(start + untimed.count), with: untimed)
    case .end: ended = (try? End(decoding: body))?.id
    case .cancel: cancelled = (try? Cancel(decoding: body))?.id
    default: break
    }
  }
}
