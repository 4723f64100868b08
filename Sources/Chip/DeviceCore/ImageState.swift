import MCUKernels

/// What the device program knows of the image at hand.
///
/// It is large, and lies in one place: it is read and changed there and not handed around.
struct ImageState {
  let path: PlanPath
  /// The path's number in the plan, which a request names.
  let number: Int
  /// The instant by which there must be an answer; nil for no hurry.
  let deadline: Microseconds?
  /// Whether the server's half is still to come, or is there.
  var offloads: Bool
  var isAnswered = false

  /// Blocks of the plan that have run.
  var blocksRun: UInt32 = 0
  /// In the block that is under way, the operator to run next; nil between blocks.
  var operatorCursor: Int?
  /// The exit to ask next.
  var nextExit = 0
  /// The exit that was sure enough, -1 for none.
  var confidentExit = -1

  /// What the coding may come to; set anew before each part is coded.
  var codingLimit = CodingLimit()
  var payloadBytes = 0
  var symbolsSent = 0
  var isCoded = false

  /// The image's request, once it has been laid down for the radio.
  var request: UInt32?
  /// Whether the radio has been given the request's beginning: the server may know of it.
  var isRequestBegun = false
  /// The request that this one's beginning withdraws first.
  var withdrawn: UInt32?
  /// Symbols that the server used for its prediction; nil where there is none.
  var symbolsUsed: Int?
  /// Bytes of the prediction's frame.
  var answerBytes = 0

  /// The core's time for what is sent, so far.
  var sendTime: Microseconds = 0
  /// Whether the payload has come to its own end.
  var isCodedWhole = false
  /// The server's work on the request; nil where it has not said.
  var serverTime: Microseconds?
  /// The time that this image's operators behind the features have taken.
  var exitTime: Microseconds = 0

  init(path: PlanPath, number: Int, deadline: Microseconds?, offloads: Bool) {
    self.path = path
    self.number = number
    self.deadline = deadline
    self.offloads = offloads
  }

  /// Before the first image: nothing is to be done.
  init(idleOn path: PlanPath) {
    self.init(path: path, number: 0, deadline: nil, offloads: false)
    isAnswered = true
  }
}
