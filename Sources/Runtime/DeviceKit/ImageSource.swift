public import Datasets
public import Foundation

/// The images of a run, one after another, loaded when their turn comes.
public struct ImageSource: Sendable {
  /// What the summary calls them.
  public let name: String
  /// The data set that the images are of; `nil` for files.
  public let dataset: String?
  public let count: Int
  private let load: @Sendable (Int) throws -> LabelledImage

  /// Images of a data set.
  ///
  /// - Parameters:
  ///   - count: `nil` for all of them.
  ///   - seed: see ``ImageOrder``.
  public init(_ dataset: any ImageDataset, count: Int?, seed: UInt64?) {
    let indices = ImageOrder.indices(total: dataset.count, count: count, seed: seed)
    name = dataset.name
    self.dataset = dataset.name.prefix { $0 != "/" }.description
    self.count = indices.count
    load = { try dataset.image(at: indices[$0]) }
  }

  /// Image files, whose position in the list is their index.
  ///
  /// - Throws: `DatasetError.noSuchFile` for the first that is not there.
  public init(files: [URL], count: Int?, seed: UInt64?) throws {
    for file in files where !FileManager.default.fileExists(atPath: file.path) {
      throw DatasetError.noSuchFile(path: file.path)
    }
    let indices = ImageOrder.indices(total: files.count, count: count, seed: seed)
    dataset = nil
    name = files.count == 1 ? files[0].lastPathComponent : "\(files.count) files"
    self.count = indices.count
    load = { try ImageFile.load(files[indices[$0]], index: indices[$0]) }
  }

  /// Every `hands`-th image from `hand` on, as cards are dealt.
  ///
  /// - Parameter hand: from 0 to `hands` - 1.
  public func dealt(to hand: Int, of hands: Int) -> ImageSource {
    precondition((0..<hands).contains(hand))
    return ImageSource(self, count: (count - hand + hands - 1) / hands) { hand + $0 * hands }
  }

  /// The first `count` images; all where there are fewer.
  public func prefix(_ count: Int) -> ImageSource {
    ImageSource(self, count: min(count, self.count)) { $0 }
  }

  private init(
    _ whole: ImageSource, count: Int, position: @escaping @Sendable (Int) -> Int
  ) {
    name = whole.name
    dataset = whole.dataset
    self.count = count
    let load = whole.load
    self.load = { try load(position($0)) }
  }

  /// The image whose turn is `position`, counted from 0.
  public func image(_ position: Int) throws -> LabelledImage {
    try load(position)
  }
}
