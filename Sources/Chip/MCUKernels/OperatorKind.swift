/// What one operator record of a plan computes.
///
/// The raw values are those of the plan image (`docs/plan.md`) and never change meaning. The graph's
/// SPLIT and SPLIT_V become ``stridedSlice`` records, one for each output; a slice or a concatenated input that
/// is one run of bytes becomes ``copy``; PADV2 becomes ``pad``. A RESHAPE has no record: its output
/// is its input's memory.
public enum OperatorKind: UInt8, CaseIterable, Equatable, Sendable {
  case conv2D = 1
  case depthwiseConv2D
  case fullyConnected
  case add
  case mul
  case averagePool2D
  case maxPool2D
  case mean
  case pad
  case copy
  case transpose
  case softmax
  case logistic
  case stridedSlice
  case concatenation
  case quantize
  case dequantize
  case requantize
  case resizeNearest
  /// The camera's uint8 RGB image to the int8 input: crop, resize, minus 128.
  case camera

  /// The kind's name as TensorFlow Lite spells it; ``copy`` and ``camera`` are ours.
  public var name: StaticString {
    switch self {
    case .conv2D: "CONV_2D"
    case .depthwiseConv2D: "DEPTHWISE_CONV_2D"
    case .fullyConnected: "FULLY_CONNECTED"
    case .add: "ADD"
    case .mul: "MUL"
    case .averagePool2D: "AVERAGE_POOL_2D"
    case .maxPool2D: "MAX_POOL_2D"
    case .mean: "MEAN"
    case .pad: "PAD"
    case .copy: "COPY"
    case .transpose: "TRANSPOSE"
    case .softmax: "SOFTMAX"
    case .logistic: "LOGISTIC"
    case .stridedSlice: "STRIDED_SLICE"
    case .concatenation: "CONCATENATION"
    case .quantize, .requantize: "QUANTIZE"
    case .dequantize: "DEQUANTIZE"
    case .resizeNearest: "RESIZE_NEAREST_NEIGHBOR"
    case .camera: "CAMERA"
    }
  }
}
