extension Double {
  /// The nearest whole number of microseconds; halves go up.
  ///
  /// Instants are sums of thirds, of 216th parts and the like, which lose a little of what they are on
  /// paper, and lose something else behind another beginning. A millionth decides for what is half on
  /// paper, so that an image's receipt does not depend on the images before it.
  var wholeMicroseconds: Double { (self + 0.5 + 1e-6).rounded(.down) }
}
