/// How long a convolution's rows of weights are, and how much of the arena it takes beside its
/// tensors: two pixels' columns of 16-bit values, and a column of bytes where the input's runs of
/// taps are no multiples of four.
public enum ConvolutionScratch {
  /// Taps of a window, times the channels of a group, in whole words.
  @inline(__always)
  public static func depth(taps: Int) -> Int { (taps &+ 3) & ~3 }

  @inline(__always)
  static func columnBytes(depth: Int) -> Int { 4 &* depth }

  @inline(__always)
  static func isStaged(groupChannels: Int) -> Bool { groupChannels % 4 != 0 }

  /// All of it, in bytes.
  public static func byteCount(taps: Int, groupChannels: Int) -> Int {
    let depth = depth(taps: taps)
    return columnBytes(depth: depth) + (isStaged(groupChannels: groupChannels) ? depth : 0)
  }
}
