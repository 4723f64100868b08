public import MCUKernels

extension DeviceCore {
  /// The image, int8 [1,height,width,3] with pixel - 128, where the work under way is to code a picture's
  /// file of it that is not there yet: whoever drives the program makes it, and hands it over by
  /// ``lay(file:)`` before the work is performed.
  public var pictureToCode: PlanTensor? {
    guard underway == .code, let coding, coding.coder == .file, coding.fileBytes == nil else {
      return nil
    }
    return coding.send.tensor
  }

  /// Takes the file that was made of ``pictureToCode``.
  ///
  /// - Throws: ``DeviceFault/outOfTurn`` where none is wanted, ``DeviceFault/outOfMemory`` where it is longer
  ///   than the pixels themselves and a file's headers.
  public mutating func lay(file: UnsafeRawBufferPointer) throws(DeviceFault) {
    guard pictureToCode != nil else { throw .outOfTurn }
    try coding?.lay(file, in: memory)
  }
}
