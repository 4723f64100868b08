extension Architecture {
  /// The lines of a training's configuration that say it; the device scales its image to `side`.
  ///
  /// - Parameter camera: pixels of the square image that the device has.
  public func yaml(camera: Int) -> String {
    var lines = [
      "# For the key `side` of `dataset`:", "# side: \(side == camera ? 0 : side)", "network:",
      "  stem: {channels: \(stemChannels), stride: \(stemStride)}", "  blocks:",
    ]
    for block in blocks {
      lines.append(
        "    - {expansion: \(block.expansion), kernel: \(block.kernel), channels: \(block.channels), "
          + "stride: \(block.stride)}")
    }
    lines.append("  head: \(head)")
    return lines.joined(separator: "\n") + "\n"
  }
}
