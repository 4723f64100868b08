public import FeatureCoding
import ImageCoding
public import MCUKernels

extension PlanSend {
  /// The values of one image, which are its symbols unless a picture is coded.
  public var shape: SymbolShape { SymbolShape(height: height, width: width, channels: channels) }

  /// How many symbols the whole payload of an image has; 0 where the coder's tables are none.
  public var symbolCount: Int {
    guard coder == .jpeg else { return symbolShape(nil).count }
    return coderTables.flatMap(JPEGTables.init).map { symbolShape($0.sampling).count } ?? 0
  }

  /// What is counted as symbols: the values that are sent; a JPEG's minimum coded units; one file.
  ///
  /// - Parameter sampling: of a JPEG.
  func symbolShape(_ sampling: ChromaSampling?) -> SymbolShape {
    if let sampling {
      let geometry = JPEGGeometry(width: width, height: height, sampling: sampling)
      return SymbolShape(height: geometry.rows, width: geometry.columns, channels: 1)
    }
    return coder == .file ? SymbolShape(height: 1, width: 1, channels: 1) : shape
  }
}

extension SymbolSource {
  /// The symbols that a plan sends. The plan checked its tables when it was opened.
  ///
  /// - Parameter features: the bytes of the plan's tensor; they and the plan must outlive the source.
  public init(_ send: PlanSend, features: UnsafeRawBufferPointer) throws(CodingError) {
    try self.init(
      features: features, shape: send.shape, picked: send.pickedChannels,
      tensorChannels: send.tensor.dimension(3), tables: send.symbolTables,
      alphabetSize: send.alphabetSize, areChecked: true)
  }
}
