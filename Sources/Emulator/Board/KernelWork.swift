import MCUKernels

/// What our own kernels do for an operator, as their loops divide it: convolutions take two pixels and
/// two channels at a time, depthwise and dense layers four channels, and what is left over goes by a
/// slower loop. Counts are Double: a plan from a stranger's file may claim any size.
struct KernelWork {
  private(set) var gathered = 0.0
  private(set) var runs = 0.0
  private(set) var clippedBlocks = 0.0
  private(set) var staged = 0.0
  private(set) var wideMacs = 0.0
  private(set) var narrowMacs = 0.0
  private(set) var wideOutputs = 0.0
  private(set) var narrowOutputs = 0.0
  private(set) var fetchedBytes = 0.0

  /// Bytes of the chip's data cache, of which a quarter is taken to hold other things.
  private static let cacheBytes = 4096.0 * 0.75
  private static let rowBytes = 16.0

  init(_ geometry: OperatorGeometry) {
    switch geometry.kind {
    case .conv2D: convolve(geometry)
    case .depthwiseConv2D: convolveDepthwise(geometry)
    case .fullyConnected: connectFully(geometry)
    case .averagePool2D:
      runs = Double(geometry.outputElements) * Double(geometry.kernelHeight)
    case .maxPool2D: runs = Double(geometry.insideTaps)
    default: break
    }
  }

  private mutating func convolve(_ geometry: OperatorGeometry) {
    let pixels = Double(geometry.outputElements) / Double(geometry.outputChannels)
    let window = geometry.kernelHeight * geometry.kernelWidth
    let groupChannels = max(
      1, geometry.macs / max(1, geometry.outputElements) / max(1, window))
    let groups = max(1, geometry.inputChannels / groupChannels)
    let outputs = geometry.outputChannels / groups
    // A last pixel without a second costs as much as two.
    let pairs = (pixels / 2).rounded(.up)
    let depth = Double(ConvolutionScratch.depth(taps: window * groupChannels))
    gathered = Double(geometry.insideTaps) * Double(geometry.inputChannels)
    // A 1x1 convolution without a stride takes the input as it lies.
    let isPixelByPixel =
      window == 1 && groups == 1 && geometry.strideHeight == 1 && geometry.strideWidth == 1
    if !isPixelByPixel {
      staged = groupChannels % 4 == 0 ? 0 : gathered
      runs =
        groups > 1
        ? Double(geometry.insideTaps) * Double(groups)
        : Double(geometry.insideTaps) / Double(geometry.kernelWidth)
    }
    wideOutputs = 2 * pairs * Double(groups * (outputs & ~1))
    narrowOutputs = 2 * pairs * Double(groups * (outputs & 1))
    wideMacs = wideOutputs * depth
    narrowMacs = narrowOutputs * depth
    fetch(Double(outputs) * (depth + Self.rowBytes), times: pairs, blocks: Double(groups))
  }

  private mutating func convolveDepthwise(_ geometry: OperatorGeometry) {
    let pixels = Double(geometry.outputElements) / Double(geometry.outputChannels)
    let wide =
      geometry.outputChannels == geometry.inputChannels ? geometry.outputChannels & ~3 : 0
    let narrow = geometry.outputChannels - wide
    wideOutputs = pixels * Double(wide)
    narrowOutputs = pixels * Double(narrow)
    wideMacs = Double(geometry.insideTaps) * Double(wide)
    narrowMacs = Double(geometry.insideTaps) * Double(narrow)
    let blocks =
      wide > 0 || geometry.outputChannels == geometry.inputChannels
      ? (geometry.outputChannels + 3) / 4 : geometry.outputChannels
    runs = Double(geometry.insideTaps) / Double(geometry.kernelWidth) * Double(blocks)
    let rows = pixels / Double(geometry.outputWidth)
    clippedBlocks = max(0, Double(geometry.windowRuns) - rows) * Double(blocks)
    let taps = Double(geometry.kernelHeight) * Double(geometry.kernelWidth)
    fetch(Double(geometry.outputChannels) * (taps + Self.rowBytes), times: pixels)
  }

  private mutating func connectFully(_ geometry: OperatorGeometry) {
    let rows = Double(geometry.outputElements) / Double(geometry.outputChannels)
    let wide = geometry.outputChannels & ~3
    let depth = Double(geometry.inputChannels)
    wideOutputs = rows * Double(wide)
    narrowOutputs = rows * Double(geometry.outputChannels - wide)
    wideMacs = rows * Double(wide) * Double(geometry.inputChannels & ~3)
    narrowMacs = Double(geometry.macs) - wideMacs
    fetch(Double(geometry.outputChannels) * (depth + Self.rowBytes), times: rows)
  }

  /// Weights and rows, read from end to end `times` times: what does not stay in the cache comes from
  /// flash each time.
  private mutating func fetch(_ bytes: Double, times: Double, blocks: Double = 1) {
    fetchedBytes = blocks * bytes * (bytes > Self.cacheBytes ? times : 1)
  }
}
