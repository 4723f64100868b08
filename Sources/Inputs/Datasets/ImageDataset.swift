/// Labelled images of one size, reached by index. Nothing is read before it is asked for, and
/// images may be asked for from several tasks at once.
public protocol ImageDataset: Sendable {
  /// `cifar10/test` and the like.
  var name: String { get }
  /// The classes' names; an image's label is an index into them.
  var labels: [String] { get }
  /// How many images there are.
  var count: Int { get }
  /// Of every image, in pixels.
  var imageSize: (width: Int, height: Int) { get }
  /// The image at an index from 0 to `count` - 1.
  ///
  /// - Throws: ``DatasetError`` if there is no such index, or the file is corrupt at that place.
  func image(at index: Int) throws -> LabelledImage
  /// The label of the image at an index, without decoding the image where that can be avoided.
  ///
  /// - Throws: as ``image(at:)``.
  func label(at index: Int) throws -> Int?
}

extension ImageDataset {
  public func label(at index: Int) throws -> Int? {
    try image(at: index).label
  }

  /// Refuses an index that the data set does not have.
  func checkIndex(_ index: Int) throws(DatasetError) {
    guard (0..<count).contains(index) else {
      throw .indexOutOfRange(dataset: name, index: index, count: count)
    }
  }
}
