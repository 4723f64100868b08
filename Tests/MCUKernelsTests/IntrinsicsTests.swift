import MCUIntrinsics
import SeededRandom
import Testing

/// Whatever form the inner loops take on this machine, they are sums of products; plain C is held
/// against the same sums.
@Suite(.serialized) struct IntrinsicsTests {
  static let forms = [false, true]

  /// Extremes are frequent, so that a sum of 16-bit products overflows if it can.
  private static func value(_ random: inout SplitMix64) -> Int8 {
    [-128, 127, Int8.random(in: -128...127, using: &random)].randomElement(using: &random) ?? 0
  }

  private static func values(_ count: Int, _ random: inout SplitMix64) -> [Int8] {
    (0..<count).map { _ in value(&random) }
  }

  /// Rows whose scales bring sums of this size near int8's range, in either form.
  private struct Rows {
    let rows: [mcu_channel]
    let exact: [mcu_channel]
    let range: mcu_range

    init(count: Int, quick: Bool, random: inout SplitMix64) {
      let zeroPoint = Int32.random(in: -128...127, using: &random)
      let isFull = Bool.random(using: &random)
      range = mcu_range(
        zero_point: zeroPoint, low: isFull ? -128 : -71, high: isFull ? 127 : 93, quick: quick)
      exact = (0..<count).map { _ in
        mcu_channel(
          bias: Int32.random(in: -9000...9000, using: &random),
          multiplier: Int32.random(in: 1 << 30...Int32.max, using: &random),
          shift: -Int32.random(in: 6...13, using: &random), addend: 0)
      }
      rows =
        quick
        ? exact.map { row in
          mcu_channel(
            bias: 2 * row.bias, multiplier: row.multiplier, shift: -row.shift,
            addend: zeroPoint << -row.shift + 1 << (-row.shift - 1))
        } : exact
    }

    func finish(_ sum: Int32, _ channel: Int) -> Int8 {
      let row = exact[channel]
      let scaled = mcu_requantise(sum &+ row.bias, row.multiplier, row.shift)
      return Int8(mcu_clamp(scaled &+ range.zero_point, range.low, range.high))
    }
  }

  @Test func `A quick row gives what the exact one gives, at every step of the output`() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<4000 {
      let right = Int32.random(in: 1...22, using: &random)
      let multiplier = Int32.random(in: 0...Int32.max, using: &random)
      let zeroPoint = Int32.random(in: -128...127, using: &random)
      let bias = Int32.random(in: -(1 << 20)...(1 << 20), using: &random)
      let row = mcu_channel(
        bias: 2 * bias, multiplier: multiplier, shift: right,
        addend: zeroPoint << right + 1 << (right - 1))
      // Around each half step of the output, around zero, and anywhere that is allowed.
      let scale = Double(max(multiplier, 1)) / 0x1p31 / Double(1 << Int(right))
      let output = Double.random(in: -130...130, using: &random).rounded() + 0.5
      for centre in [output / scale, 0, Double.random(in: -0x1p30...0x1p30, using: &random)] {
        guard abs(centre) < 0x1p30 - 8 else { continue }
        for step in Int32(-4)...4 {
          let total = Int32(centre) + step
          let exact = mcu_requantise(total, multiplier, -right) &+ zeroPoint
          var channel = row
          #expect(mcu_quick_value(total &- bias, &channel) == exact)
        }
      }
    }
  }

  @Test(arguments: forms)
  func `Columns of every depth times up to eleven channels`(portable: Bool) {
    mcu_use_portable(portable)
    defer { mcu_use_portable(false) }
    var random = SplitMix64(seed: 2)
    for depth in stride(from: 4, through: 76, by: 4) {
      for outputs in 1...11 {
        let offset = Int32.random(in: -127...128, using: &random)
        let pixels = [Self.values(depth, &random), Self.values(depth, &random)]
        let weights = (0..<outputs).map { _ in Self.values(depth, &random) }
        let rows = Rows(count: outputs, quick: outputs % 3 != 0, random: &random)
        var columns = [Int16](repeating: 0x5A5A, count: 2 * depth)
        for (pixel, values) in pixels.enumerated() {
          // In two parts, as the rows of a window come.
          let cut = depth / 8 * 4
          values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            mcu_widen(&columns, depth, pixel, 0, base, cut, offset)
            mcu_widen(&columns, depth, pixel, cut, base + cut, depth - cut, offset)
          }
        }
        var first = [Int8](repeating: 0, count: outputs)
        var second = first
        mcu_multiply_columns(
          columns, depth, Self.paired(weights), outputs, rows.rows, rows.range, &first, &second)
        let expected = pixels.map { values in
          weights.enumerated().map { channel, row in
            let sum = zip(values, row).reduce(Int32(0)) {
              $0 + (Int32($1.0) + offset) * Int32($1.1)
            }
            return rows.finish(sum, channel)
          }
        }
        #expect([first, second] == expected, "depth \(depth), \(outputs) outputs")
      }
    }
  }

  /// Rows of weights in pairs, four of each in turn; the last of an odd number alone.
  private static func paired(_ rows: [[Int8]]) -> [Int8] {
    stride(from: 0, to: rows.count, by: 2).flatMap { first in
      let pair = rows[first..<min(first + 2, rows.count)]
      return stride(from: 0, to: rows[first].count, by: 4).flatMap { tap in
        pair.flatMap { $0[tap..<(tap + 4)] }
      }
    }
  }

  @Test(arguments: forms)
  func `Runs of bytes side by side`(portable: Bool) {
    mcu_use_portable(portable)
    defer { mcu_use_portable(false) }
    var random = SplitMix64(seed: 3)
    for length in 1...14 {
      let x = Self.values(200, &random)
      var target = [Int8](repeating: 0, count: 6 * length + 8)
      x.withUnsafeBufferPointer { x in
        mcu_gather_bytes(
          mcu_runs(
            x: x.baseAddress, row_stride: 50, run_stride: 20, rows: 3, runs: 2, length: length),
          &target, 2 * length)
      }
      let runs = (0..<3).flatMap { row in (0..<2).map { 50 * row + 20 * $0 } }
      #expect(
        target == runs.flatMap { x[$0..<($0 + length)] } + [Int8](repeating: 0, count: 8))
    }
  }

  @Test(arguments: forms)
  func `Depthwise windows of up to 21 channels`(portable: Bool) {
    mcu_use_portable(portable)
    defer { mcu_use_portable(false) }
    var random = SplitMix64(seed: 4)
    for channels in 1...21 {
      for (height, width) in [(0, 0), (1, 1), (3, 3), (2, 5), (3, 2)] {
        let offset = Int32.random(in: -127...128, using: &random)
        let x = Self.values(height * width * channels, &random)
        let weights = Self.values(x.count, &random)
        let rows = Rows(count: channels, quick: channels % 2 == 0, random: &random)
        var output = [Int8](repeating: 0, count: channels)
        // In blocks of four channels.
        let taps = height * width
        var blocks = [Int8](repeating: 0, count: (channels + 3) / 4 * 4 * taps)
        for tap in 0..<taps {
          for channel in 0..<channels {
            let block = channel / 4 * 4 * taps
            blocks[block + 4 * tap + channel % 4] = weights[tap * channels + channel]
          }
        }
        x.withUnsafeBufferPointer { x in
          var taps = mcu_taps(
            x: x.baseAddress, row_stride: width * channels, column_stride: channels, rows: height,
            columns: width, offset: offset, has_more_before: false, kernel_width: width,
            kernel_taps: height * width, first_tap: 0)
          mcu_depthwise(
            &taps, 1, 0, blocks, channels, rows.rows, rows.range, &output)
        }
        let expected = (0..<channels).map { channel in
          let sum = (0..<(height * width)).reduce(Int32(0)) { sum, tap in
            let index = tap * channels + channel
            return sum + (Int32(x[index]) + offset) * Int32(weights[index])
          }
          return rows.finish(sum, channel)
        }
        #expect(output == expected, "\(channels) channels, \(height)x\(width)")
      }
    }
  }

  @Test(arguments: forms)
  func `Dense rows of every depth up to 70`(portable: Bool) {
    mcu_use_portable(portable)
    defer { mcu_use_portable(false) }
    var random = SplitMix64(seed: 5)
    for depth in 1...70 {
      let outputs = 1 + depth % 9
      let offset = Int32.random(in: -127...128, using: &random)
      let common = Int32.random(in: -5000...5000, using: &random)
      let x = Self.values(depth, &random)
      let weights = Self.values(depth * outputs, &random)
      let rows = Rows(count: outputs, quick: depth % 2 == 0, random: &random)
      var output = [Int8](repeating: 0, count: outputs)
      x.withUnsafeBufferPointer { x in
        mcu_dense(
          mcu_inputs(x: x.baseAddress, depth: depth, offset: offset, common: common), weights,
          outputs, rows.rows, rows.range, &output)
      }
      let expected = (0..<outputs).map { channel in
        let sum = x.indices.reduce(common) {
          $0 + (Int32(x[$1]) + offset) * Int32(weights[channel * depth + $1])
        }
        return rows.finish(sum, channel)
      }
      #expect(output == expected, "depth \(depth)")
    }
  }

  @Test(arguments: forms)
  func `Additions by table, side by side and apart`(portable: Bool) {
    mcu_use_portable(portable)
    defer { mcu_use_portable(false) }
    var random = SplitMix64(seed: 6)
    for count in 0...40 {
      for strides in [(1, 1), (1, 0), (3, 1)] {
        let tables = (0..<512).map { _ in
          Int32.random(in: -0x0FFF_FFFF...0x0FFF_FFFF, using: &random)
        }
        // Sums of 29 bits come down to 8.
        let right: Int32 = 21
        let isQuick = count % 2 == 0
        let x = Self.values(count * strides.0 + 1, &random)
        let y = Self.values(count * strides.1 + 1, &random)
        var output = [Int8](repeating: 0, count: count)
        tables.withUnsafeBufferPointer { tables in
          guard let base = tables.baseAddress else { return }
          var addition = mcu_addition(
            first: base, second: base + 256,
            channel: mcu_channel(
              bias: 0, multiplier: 1 << 30, shift: isQuick ? right : -right,
              addend: isQuick ? -3 << right + 1 << (right - 1) : 0),
            range: mcu_range(zero_point: -3, low: -128, high: 127, quick: isQuick))
          x.withUnsafeBufferPointer { x in
            y.withUnsafeBufferPointer { y in
              mcu_add_run(
                mcu_operands(
                  x: x.baseAddress, y: y.baseAddress, x_stride: strides.0, y_stride: strides.1),
                count, &addition, &output)
            }
          }
        }
        let expected = (0..<count).map { index in
          let first = tables[Int(x[index * strides.0]) + 128]
          let second = tables[256 + Int(y[index * strides.1]) + 128]
          return Int8(mcu_clamp(mcu_requantise(first + second, 1 << 30, -right) - 3, -128, 127))
        }
        #expect(output == expected)
      }
    }
  }
}
