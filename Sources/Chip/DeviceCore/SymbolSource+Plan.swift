public import FeatureCoding
public import MCUKernels

extension PlanSend {
  /// The symbols of one image.
  public var shape: SymbolShape { SymbolShape(height: height, width: width, channels: channels) }
}

extension SymbolSource {
  /// The symbols that a plan sends.
  ///
  /// - Parameter features: the bytes of the plan's tensor; they and the plan must outlive the source.
  public init(_ send: PlanSend, features: UnsafeRawBufferPointer) throws(CodingError) {
    try self.init(
      features: features, shape: send.shape, picked: send.pickedChannels,
      tensorChannels: send.tensor.dimension(3), tables: send.symbolTables,
      alphabetSize: send.alphabetSize)
  }
}
