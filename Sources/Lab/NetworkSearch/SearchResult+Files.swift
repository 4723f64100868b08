public import Foundation

extension SearchResult {
  /// Writes `best.yaml`, the network for a training; `front.csv`; and `front.svg`, the picture.
  ///
  /// - Throws: ``SearchError/unwritable(_:)``.
  public func write(to folder: URL) throws(SearchError) {
    let cost = best.cost
    let heading =
      "# \(configuration.name): \(Self.number(cost.milliseconds)) ms by \(configuration.kernels), "
      + "\(cost.sram) bytes of SRAM, \(cost.flash) of flash, \(cost.macs) multiply-accumulates.\n"
    try write(heading + best.architecture.yaml(camera: configuration.camera), "best.yaml", folder)
    try write(table, "front.csv", folder)
    try write(FrontPicture(self).svg, "front.svg", folder)
  }

  private var table: String {
    let rows = front.map { point in
      let blocks = point.architecture.blocks.map {
        "\($0.expansion)x\($0.kernel)-\($0.channels)" + ($0.stride > 1 ? "/\($0.stride)" : "")
      }
      return [
        Self.number(point.cost.milliseconds), Self.number(point.score), "\(point.cost.sram)",
        "\(point.cost.flash)", "\(point.cost.macs)", "\(point.architecture.side)",
        "\(point.architecture.stemChannels)/\(point.architecture.stemStride)",
        blocks.joined(separator: " "), "\(point.architecture.head)",
      ].joined(separator: ",")
    }
    return (["milliseconds,score,sram,flash,macs,side,stem,blocks,head"] + rows)
      .joined(separator: "\n") + "\n"
  }

  private func write(_ content: String, _ name: String, _ folder: URL) throws(SearchError) {
    let url = folder.appendingPathComponent(name)
    do {
      try content.write(to: url, atomically: true, encoding: .utf8)
    } catch {
      throw .unwritable(url.path)
    }
  }

  static func number(_ value: Double) -> String { String(format: "%.2f", value) }
}
