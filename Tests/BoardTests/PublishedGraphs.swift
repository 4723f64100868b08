import MCUKernels

/// The graphs whose times on a Cortex-M7 were published, layer by layer.
enum PublishedGraphs {
  /// Arm's CIFAR-10 CNN: 5x5x32, pool, 5x5x32, pool, 5x5x64, pool, dense.
  static let smallCifar: [OperatorGeometry] = [
    .convolution(32, 32, 3, outputs: 32, kernel: 5), .maxPool(32, 32, 32, kernel: 3, stride: 2),
    .convolution(16, 16, 32, outputs: 32, kernel: 5), .maxPool(16, 16, 32, kernel: 3, stride: 2),
    .convolution(8, 8, 32, outputs: 64, kernel: 5), .maxPool(8, 8, 64, kernel: 3, stride: 2),
    .dense(1024, 10),
  ]

  /// MobileNetV2 of width 0.35, its last convolution scaled too.
  static func mobileNetV2(_ size: Int) -> [OperatorGeometry] {
    var layers: [OperatorGeometry] = [
      .convolution(size, size, 3, outputs: 16, kernel: 3, stride: 2)
    ]
    var side = (size + 1) / 2
    var channels = 16
    let groups: [(expansion: Int, outputs: Int, count: Int, stride: Int)] = [
      (1, 8, 1, 1), (6, 8, 2, 2), (6, 16, 3, 2), (6, 24, 4, 2), (6, 32, 3, 1), (6, 56, 3, 2),
      (6, 112, 1, 1),
    ]
    for group in groups {
      for index in 0..<group.count {
        let stride = index == 0 ? group.stride : 1
        let wide = channels * group.expansion
        if group.expansion > 1 {
          layers.append(.convolution(side, side, channels, outputs: wide, kernel: 1))
        }
        layers.append(.depthwise(side, side, wide, stride: stride))
        side = (side + stride - 1) / stride
        layers.append(.convolution(side, side, wide, outputs: group.outputs, kernel: 1))
        if stride == 1, channels == group.outputs { layers.append(.add(side, side, channels)) }
        channels = group.outputs
      }
    }
    layers.append(.convolution(side, side, channels, outputs: 448, kernel: 1))
    layers.append(.globalAverage(side, side, 448))
    layers.append(.dense(448, 1000))
    return layers
  }

  /// MLPerf Tiny's image classifier.
  static let resNet8: [OperatorGeometry] = [
    .convolution(32, 32, 3, outputs: 16, kernel: 3),
    .convolution(32, 32, 16, outputs: 16, kernel: 3),
    .convolution(32, 32, 16, outputs: 16, kernel: 3), .add(32, 32, 16),
    .convolution(32, 32, 16, outputs: 32, kernel: 3, stride: 2),
    .convolution(16, 16, 32, outputs: 32, kernel: 3),
    .convolution(32, 32, 16, outputs: 32, kernel: 1, stride: 2), .add(16, 16, 32),
    .convolution(16, 16, 32, outputs: 64, kernel: 3, stride: 2),
    .convolution(8, 8, 64, outputs: 64, kernel: 3),
    .convolution(16, 16, 32, outputs: 64, kernel: 1, stride: 2), .add(8, 8, 64),
    .globalAverage(8, 8, 64), .dense(64, 10),
  ]

  /// MLPerf Tiny's keyword spotter.
  static let dsCNN: [OperatorGeometry] =
    [.convolution(49, 10, 1, outputs: 64, kernel: (10, 4), stride: (2, 2))]
    + (0..<4).flatMap { _ -> [OperatorGeometry] in
      [.depthwise(25, 5, 64), .convolution(25, 5, 64, outputs: 64, kernel: 1)]
    } + [.globalAverage(25, 5, 64), .dense(64, 12)]
}
