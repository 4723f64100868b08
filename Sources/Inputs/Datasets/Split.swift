/// The two parts of a data set.
public enum Split: String, CaseIterable, Codable, Sendable {
  case train
  /// What accuracy is measured on. Tiny ImageNet's test images have no labels: its `val` stands in.
  case test
}
