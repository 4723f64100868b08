import MCUKernels

/// What an image has beside operators and tensors; a bare model's has one block and nothing else.
struct BundleTables {
  /// One way to answer.
  struct Path {
    var send: Send?
    var exits: [Exit]
  }

  struct Send {
    /// The output's index.
    let tensor: Int
    let blocks: UInt32
    /// The tensor's channels that are sent; empty where all are.
    let channels: [Int]
    /// Each of 256 bytes; none, one, or one for each channel.
    let symbolTables: [[UInt8]]
    let alphabetSize: Int
    let coder: PlanCoder
    /// The range coder's, or JPEG's; empty for the others.
    let coderTables: [UInt8]
  }

  enum Exit {
    case server
    case device(DeviceExit)
  }

  struct DeviceExit {
    /// The output's index.
    let tensor: Int
    let blocks: UInt32
    let threshold: Float
    let confidence: [Float]
    /// None, one, or one more than there are channels.
    let alpha: [Float]
  }

  var digest = [UInt8](repeating: 0, count: 32)
  var classCount = 0
  var scheme = PlanScheme.none
  var blocks: [Range<Int>]
  var paths: [Path] = []
}
