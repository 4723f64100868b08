import MCUKernels

/// One quantity of an operator that costs cycles in proportion to it.
public enum CostTerm: String, CaseIterable, Sendable {
  /// 1 for the operator: its set-up.
  case setup
  /// Output positions: height x width (x batches).
  case pixel
  /// Kernel taps visited: output positions x kernel height x kernel width.
  case tap
  /// Elements of the im2col matrix: taps x input channels.
  case column
  /// Multiply-accumulates.
  case mac
  /// Elements written, each requantised.
  case output
  /// Elements read.
  case input
  /// Weights of a convolution or a dense layer, each fetched from flash at least once.
  case weight
  // Of our own kernels: KernelWork.
  /// Runs of output pixels whose windows see the same taps.
  case windowRun
  /// Blocks of depthwise channels of pixels whose windows are clipped on the left or the right.
  case clippedBlock
  /// Starts of the loop over taps or bytes that lie side by side.
  case run
  /// Bytes gathered into columns.
  case gathered
  /// Of these, bytes that are copied once before, for a group's channels are no multiple of four.
  case staged
  /// Multiply-accumulates in the loop over several channels, and in the loop over one.
  case wideMac, narrowMac
  /// Outputs of the one loop and of the other.
  case wideOutput, narrowOutput
  /// Outputs held in a range narrower than int8's, and outputs requantised in the exact form.
  case clampedOutput, exactOutput
  /// Bytes of weights and channel rows that come from flash, not from the data cache.
  case fetched

  /// How much of it an operator has. `work`: what our own kernels do for it.
  func amount(in geometry: OperatorGeometry, _ work: KernelWork) -> Double {
    let pixels = Double(geometry.outputElements) / Double(max(1, geometry.outputChannels))
    let taps = pixels * Double(geometry.kernelHeight) * Double(geometry.kernelWidth)
    return switch self {
    case .setup: 1
    case .pixel: pixels
    case .tap: taps
    case .column: taps * Double(geometry.inputChannels)
    case .mac: Double(geometry.macs)
    case .output: Double(geometry.outputElements)
    case .input: Double(geometry.inputElements)
    case .weight: weights(of: geometry)
    case .windowRun: Double(geometry.windowRuns)
    case .clippedBlock: work.clippedBlocks
    case .run: work.runs
    case .gathered: work.gathered
    case .staged: work.staged
    case .wideMac: work.wideMacs
    case .narrowMac: work.narrowMacs
    case .wideOutput: work.wideOutputs
    case .narrowOutput: work.narrowOutputs
    case .clampedOutput: geometry.finish == .clamped ? Double(geometry.outputElements) : 0
    case .exactOutput: geometry.finish == .exact ? Double(geometry.outputElements) : 0
    case .fetched: work.fetchedBytes
    }
  }

  private func weights(of geometry: OperatorGeometry) -> Double {
    let taps = Double(geometry.kernelHeight) * Double(geometry.kernelWidth)
    let channels = Double(geometry.inputChannels) * Double(geometry.outputChannels)
    return switch geometry.kind {
    case .conv2D: taps * channels
    case .depthwiseConv2D: taps * Double(geometry.outputChannels)
    case .fullyConnected: channels
    default: 0
    }
  }
}
