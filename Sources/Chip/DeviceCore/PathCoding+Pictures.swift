import FeatureCoding
import ImageCoding
import MCUKernels

// A path without a device graph may send the image as a picture: the scan of a JPEG, which is coded
// here, or a file that somebody else has made of it.

extension PathCoding {
  /// Bytes that a picture's file may have: more than an uncompressed one needs, with its headers.
  static func fileCapacity(_ send: PlanSend) -> Int {
    (3 * send.width + 1) * send.height + 1024
  }

  /// Where the image's pixels lie: int8 [height,width,3].
  func pixels(in memory: DeviceMemory) -> UnsafeRawBufferPointer {
    let tensor = send.tensor
    return UnsafeRawBufferPointer(
      rebasing: memory.arena[tensor.offset..<(tensor.offset + tensor.byteCount)])
  }

  /// Bytes of the workspace that are kept for the encoder's own state: as many on the host, whose words are
  /// longer, as on the chip.
  static let encoderSize = 256

  // Not inlined, as the others here: their variables would be on the stack of all that is coded.

  /// Begins a picture.
  @inline(never)
  mutating func beginPicture(in memory: DeviceMemory) {
    fileBytes = nil
    guard coder == .jpeg, let tables = send.coderTables, let start = memory.workspace.baseAddress
    else { return }
    precondition(MemoryLayout<JPEGEncoder>.size <= Self.encoderSize)
    let encoder = start.assumingMemoryBound(to: JPEGEncoder.self)
    let workspace = memory.workspace[Self.encoderSize..<workspaceSize]
    encoder.initialize(
      to: JPEGEncoder(
        pixels(in: memory), width: send.width, height: send.height,
        tables: JPEGTables(checked: tables),
        workspace: UnsafeMutableRawBufferPointer(rebasing: workspace)))
    encoder.pointee.begin(
      UnsafeMutableRawBufferPointer(rebasing: memory.transmit[..<codedCapacity]))
    jpeg = encoder
  }

  /// Codes on until there is a transmission's worth of the scan.
  @inline(never)
  mutating func jpegPart(
    from memory: DeviceMemory, into room: UnsafeMutableRawBufferPointer, limit: CodingLimit
  ) throws(DeviceFault) -> Part {
    guard let jpeg, let sampling else { throw .outOfTurn }
    var part = Part()
    if finished == nil {
      let stop = jpeg.pointee.encode(
        to: max(symbolsOut, min(shape.count, limit.symbols ?? .max)),
        settling: Self.payloadRoom, budget: limit.bytes ?? .max)
      part.symbols = jpeg.pointee.unitsCoded - symbolsOut
      part.blocks = part.symbols * sampling.blocksPerUnit
      part.pixels = part.symbols * sampling.unitSide * sampling.unitSide
      symbolsOut = jpeg.pointee.unitsCoded
      if stop != .settled { finished = jpeg.pointee.finish() }
    }
    let ready = finished ?? jpeg.pointee.settledBytes
    part.bytes = min(ready, Self.payloadRoom)
    room.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory.transmit[..<part.bytes]))
    jpeg.pointee.take(part.bytes)
    if let finished {
      self.finished = finished - part.bytes
      part.isLast = finished == part.bytes
    }
    return part
  }

  /// Hands out a file, piece by piece: whole or, where it does not fit the limit, not at all.
  @inline(never)
  mutating func filePart(
    from memory: DeviceMemory, into room: UnsafeMutableRawBufferPointer, limit: CodingLimit
  ) throws(DeviceFault) -> Part {
    guard let fileBytes else { throw .outOfTurn }
    var part = Part()
    if finished == nil {
      guard fileBytes <= limit.bytes ?? .max, limit.symbols != 0 else {
        part.isLast = true
        return part
      }
      part.symbols = 1
      symbolsOut = 1
      finished = fileBytes
    }
    let left = finished ?? 0
    let start = fileBytes - left
    part.bytes = min(left, Self.payloadRoom)
    room.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: memory.workspace[start..<(start + part.bytes)]))
    finished = left - part.bytes
    part.isLast = left == part.bytes
    return part
  }

  /// Takes the file that was made of the image.
  ///
  /// - Throws: ``DeviceFault/outOfMemory`` for one that is longer than any picture's should be.
  mutating func lay(
    _ file: UnsafeRawBufferPointer, in memory: DeviceMemory
  ) throws(DeviceFault) {
    guard coder == .file else { throw .outOfTurn }
    guard file.count <= Self.fileCapacity(send) else { throw .outOfMemory }
    memory.workspace.copyMemory(from: file)
    fileBytes = file.count
  }
}
