/// The data sets that the project knows by name.
public enum DatasetName: String, CaseIterable, Codable, Sendable {
  /// CIFAR-10 in its binary form (Krizhevsky, 2009): 32x32, 10 classes.
  case cifar10
  /// CIFAR-100 in its binary form (Krizhevsky, 2009), fine labels: 32x32, 100 classes.
  case cifar100
  /// Street View House Numbers, cropped digits (Netzer et al., 2011): 32x32, 10 classes.
  case svhn
  /// Tiny ImageNet (Stanford CS231n): 64x64, 200 classes.
  case tinyimagenet
  /// Numbers in the manner of SVHN that this project draws itself: 32x32, 10 classes.
  case digits

  /// The folder that holds it, below the data root.
  public var folder: String {
    switch self {
    case .cifar10: "cifar-10-batches-bin"
    case .cifar100: "cifar-100-binary"
    case .svhn: "svhn"
    case .tinyimagenet: "tiny-imagenet-200"
    case .digits: "digits"
    }
  }

  /// How to get it.
  var hint: String {
    switch self {
    case .digits:
      "get it by `agilenn-lab data render`"
    default:
      "get it by `scripts/datasets \(rawValue)`, or name the folder that holds it with --data or $AGILENN_DATA"
    }
  }

  /// How many images its publisher put into a split.
  public func publishedCount(of split: Split) -> Int {
    switch (self, split) {
    case (.cifar10, .train), (.cifar100, .train): 50_000
    case (.cifar10, .test), (.cifar100, .test): 10_000
    case (.svhn, .train): 73_257
    case (.svhn, .test): 26_032
    case (.tinyimagenet, .train): 100_000
    case (.tinyimagenet, .test): 10_000
    case (.digits, .train): 20_000
    case (.digits, .test): 2_000
    }
  }
}
