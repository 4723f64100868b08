/// What the device has learnt of its own speed, from the image before.
struct CoreEstimate: Equatable {
  /// One part of the coding.
  var coding: Microseconds = 0
  /// The operators behind the features, up to the last device exit.
  var exits: Microseconds = 0
  /// Kept free before a deadline for checking and combining an answer.
  static let answer: Microseconds = 100
}
