import BundleFormat
import MCUKernels
import TFLite
import Testing

@testable import PlanCompiler

/// The resize against what the numpy program in `docs/plan.md` gives.
@Suite struct CameraResizeTests {
  /// CRC-32s of the resized pixels, as numpy computed them.
  struct Expected: Sendable {
    let camera: (width: Int, height: Int)
    let input: (width: Int, height: Int)
    let cropped: Bool
    let bilinear: UInt32
    let nearest: UInt32

    init(
      _ width: Int, _ height: Int, to inputWidth: Int, _ inputHeight: Int, _ cropped: Bool,
      bilinear: UInt32, nearest: UInt32
    ) {
      camera = (width, height)
      input = (inputWidth, inputHeight)
      self.cropped = cropped
      self.bilinear = bilinear
      self.nearest = nearest
    }
  }

  private static let expected: [Expected] = [
    .init(64, 48, to: 32, 32, false, bilinear: 0xBF2E_AC90, nearest: 0xF44A_E4D9),
    .init(64, 48, to: 32, 32, true, bilinear: 0x91C2_55C4, nearest: 0x7284_FBEC),
    .init(32, 32, to: 32, 32, false, bilinear: 0xE297_8C8A, nearest: 0xE297_8C8A),
    .init(32, 32, to: 32, 32, true, bilinear: 0xE297_8C8A, nearest: 0xE297_8C8A),
    .init(4, 5, to: 7, 9, false, bilinear: 0x9514_4F83, nearest: 0xC576_89E2),
    .init(4, 5, to: 7, 9, true, bilinear: 0x549E_6DA0, nearest: 0x9647_044D),
    .init(33, 97, to: 32, 32, false, bilinear: 0xA7E7_ED8C, nearest: 0xA61A_3890),
    .init(33, 97, to: 32, 32, true, bilinear: 0xB9E0_E518, nearest: 0x31A6_8665),
    .init(1, 1, to: 3, 4, false, bilinear: 0xAE80_899A, nearest: 0xAE80_899A),
    .init(1, 1, to: 3, 4, true, bilinear: 0xAE80_899A, nearest: 0xAE80_899A),
    .init(200, 3, to: 16, 32, false, bilinear: 0xAB6B_009B, nearest: 0xB491_2E4B),
    .init(200, 3, to: 16, 32, true, bilinear: 0x1505_9B2F, nearest: 0xCFFA_1019),
  ]

  /// The picture that numpy resized.
  private static func picture(_ width: Int, _ height: Int) -> [UInt8] {
    (0..<height).flatMap { y in
      (0..<width).flatMap { x in
        (0..<3).map { c in UInt8(truncatingIfNeeded: y * 37 + x * 11 + c * 101 + y * x * 3) }
      }
    }
  }

  /// A plan that does nothing but take the camera's image.
  static func plan(
    _ resize: BundleManifest.Resize, fit: BundleManifest.Fit = .stretch,
    from camera: (Int, Int), to input: (width: Int, height: Int)
  ) throws -> CompiledPlan {
    var graph = GraphBuilder()
    let tensor = graph.tensor(
      [1, input.height, input.width, 3], scale: 1.0 / 255, zeroPoint: -128, name: "image")
    let manifest = BundleManifest(
      scheme: .agilenn, dataset: "test",
      input: .init(width: input.width, height: input.height, resize: resize, fit: fit),
      graphs: ["device": .init(file: "device.tflite"), "remote": .init(file: "remote.onnx")],
      paths: [
        .init(
          device: "device", sends: [.init(tensor: "image")], remote: "remote",
          exits: [.init(place: .server)])
      ],
      labels: ["a"])
    return try PlanCompiler.compile(
      graph.model(inputs: [tensor], outputs: [tensor]), manifest: manifest,
      digest: [UInt8](repeating: 9, count: 32), camera: camera)
  }

  /// The int8 input that a plan makes of a picture, as pixels again.
  private static func resized(_ compiled: CompiledPlan, _ picture: [UInt8]) throws -> [UInt8] {
    let arena = UnsafeMutableRawBufferPointer.allocate(
      byteCount: compiled.arenaSize, alignment: 16)
    defer { arena.deallocate() }
    let (input, output) = (compiled.inputs[0], compiled.outputs[0])
    for (index, value) in picture.enumerated() { arena[input.offset + index] = value }
    try compiled.image.withUnsafeBytes { try Plan(image: $0).run(arena: arena) }
    return (0..<output.byteCount).map { arena[output.offset + $0] ^ 0x80 }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var crc = CRC32()
    bytes.withUnsafeBytes { crc.update($0) }
    return crc.value
  }

  @Test func `Checksums of whole pictures`() throws {
    for expected in Self.expected {
      let picture = Self.picture(expected.camera.width, expected.camera.height)
      let fit: BundleManifest.Fit = expected.cropped ? .centreCrop : .stretch
      let bilinear = try Self.plan(
        .bilinear, fit: fit, from: expected.camera, to: expected.input)
      #expect(
        try Self.checksum(Self.resized(bilinear, picture)) == expected.bilinear, "\(expected)")
      let nearest = try Self.plan(.nearest, fit: fit, from: expected.camera, to: expected.input)
      #expect(
        try Self.checksum(Self.resized(nearest, picture)) == expected.nearest, "\(expected)")
    }
  }

  @Test func `Every pixel of a small picture`() throws {
    let picture = Self.picture(4, 5)
    let bilinear = try Self.resized(Self.plan(.bilinear, from: (4, 5), to: (3, 3)), picture)
    #expect(
      bilinear == [
        14, 115, 216, 30, 131, 190, 46, 147, 163, 77, 178, 23, 100, 201, 46, 122, 223, 68, 139,
        212, 85, 169, 99, 115, 198, 57, 144,
      ])
    let nearest = try Self.resized(Self.plan(.nearest, from: (4, 5), to: (3, 3)), picture)
    #expect(
      nearest == [
        0, 101, 202, 22, 123, 224, 33, 134, 235, 74, 175, 20, 108, 209, 54, 125, 226, 71, 148, 249,
        94, 194, 39, 140, 217, 62, 163,
      ])
  }

  /// Against the real-valued interpolation, in double.
  @Test func `The formula is within one grey level of the real one`() throws {
    let (width, height) = (23, 17)
    let picture = Self.picture(width, height)
    for (w, h) in [(5, 31), (23, 17), (40, 9)] {
      let pixels = try Self.resized(
        Self.plan(.bilinear, from: (width, height), to: (w, h)), picture)
      for y in 0..<h {
        let v = min(
          max((Double(y) + 0.5) * Double(height) / Double(h) - 0.5, 0), Double(height - 1))
        for x in 0..<w {
          let u = min(
            max((Double(x) + 0.5) * Double(width) / Double(w) - 0.5, 0), Double(width - 1))
          func at(_ column: Int, _ row: Int) -> Double {
            Double(picture[(min(row, height - 1) * width + min(column, width - 1)) * 3])
          }
          let (i, j) = (Int(u), Int(v))
          let (s, t) = (u - Double(i), v - Double(j))
          let real =
            (at(i, j) * (1 - s) + at(i + 1, j) * s) * (1 - t)
            + (at(i, j + 1) * (1 - s) + at(i + 1, j + 1) * s) * t
          #expect(abs(Double(pixels[(y * w + x) * 3]) - real) < 1)
        }
      }
    }
  }

  @Test func `Without a resize the image is converted in place`() throws {
    let picture = Self.picture(6, 4)
    let compiled = try Self.plan(.none, from: (6, 4), to: (6, 4))
    #expect(compiled.inputs[0].offset == compiled.outputs[0].offset)
    #expect(compiled.arenaSize == 80)
    #expect(try Self.resized(compiled, picture) == picture)
  }
}
