import MCUKernels

/// How a camera's image becomes the network's input: which part of it, and where each output row and
/// column falls. `docs/plan.md`, "The resize".
struct CameraResize: Equatable, Sendable {
  let mode: CameraMode
  /// The part of the image that is scaled, in pixels.
  let cropX, cropY, cropWidth, cropHeight: Int
  /// One position for each output row, then one for each output column, within the crop: a pixel
  /// for nearest, a pixel with 11 fraction bits for bilinear; none without a resize.
  let positions: [Int32]

  /// - Parameters:
  ///   - keepsProportions: whether the largest centred part of the output's proportions is taken,
  ///     not the whole image.
  init(
    mode: CameraMode, keepsProportions: Bool, from image: (width: Int, height: Int),
    to output: (width: Int, height: Int)
  ) {
    self.mode = mode
    var (width, height) = image
    if keepsProportions {
      if image.width * output.height > image.height * output.width {
        width = max(1, image.height * output.width / output.height)
      } else {
        height = max(1, image.width * output.height / output.width)
      }
    }
    cropX = (image.width - width) / 2
    cropY = (image.height - height) / 2
    cropWidth = width
    cropHeight = height
    positions =
      mode == .none
      ? []
      : Self.positions(mode, from: height, to: output.height)
        + Self.positions(mode, from: width, to: output.width)
  }

  /// Where the centres of `target` pixels fall among `source` pixels.
  static func positions(_ mode: CameraMode, from source: Int, to target: Int) -> [Int32] {
    (0..<target).map { index in
      guard mode == .bilinear else { return Int32((2 * index + 1) * source / (2 * target)) }
      let half = 1 << (PlanFormat.positionFractionBits - 1)
      let position = (2 * index + 1) * source * half / target - half
      return Int32(min(max(position, 0), (source - 1) * 2 * half))
    }
  }
}
