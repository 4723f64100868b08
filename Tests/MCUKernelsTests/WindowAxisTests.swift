import Testing

@testable import MCUKernels

@Suite struct WindowAxisTests {
  /// Every small window, against the taps found one by one.
  @Test func `Taps inside the input`() {
    for input in 1...6 {
      for kernel in 1...4 {
        for dilation in 1...3 {
          for padding in 0...5 {
            for stride in 1...3 {
              let axis = WindowAxis(
                inputExtent: input, kernelExtent: kernel, stride: stride, dilation: dilation,
                padding: padding)
              let wrong = (0..<8).filter { position in
                let origin = axis.origin(position)
                let inside = (0..<kernel).filter { (0..<input).contains(origin + $0 * dilation) }
                return origin != position * stride - padding
                  || Array(axis.taps(origin: origin)) != inside
              }
              #expect(wrong.isEmpty, "\(axis)")
            }
          }
        }
      }
    }
  }
}
