/// Where an image's payload must end at the latest.
struct CodingLimit: Equatable {
  /// Bytes of the whole payload; nil for no limit.
  var bytes: Int?
  /// Symbols of the whole payload; nil for no limit.
  var symbols: Int?
}
