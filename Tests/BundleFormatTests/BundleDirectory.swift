import Crypto
import Foundation

@testable import BundleFormat

/// A bundle's folder with small files that pass, to be spoilt by a test; gone with the object.
final class BundleDirectory {
  let url: URL

  static let device: [UInt8] = [28, 0, 0, 0] + Array("TFL3".utf8) + [0, 0, 0, 0]
  /// ModelProto {ir_version: 8, graph: {initializer: {data_type: 1, raw_data: 00 00 80 3F}}}.
  static let remote: [UInt8] =
    Protobuf.varint(1, 8)
    + Protobuf.message(
      7,
      Protobuf.message(5, Protobuf.varint(2, 1) + Protobuf.message(9, [0, 0, 0x80, 0x3F])))

  static let tables: [UInt8] = [7, 7, 7]

  /// A manifest with every key but a codec.
  static let manifest: JSON = [
    "format": 2, "scheme": "agilenn", "dataset": "cifar10",
    "input": ["width": 32, "height": 24, "resize": "bilinear", "fit": "centre-crop"],
    "graphs": [
      "device": ["file": "device.tflite", "sha256": .string(sha256(device))],
      "remote": ["file": "remote.onnx", "sha256": .string(sha256(remote))],
    ],
    "paths": [path], "labels": ["cat", "dog"],
    "trained": [
      "command": "train", "seed": 1, "epochs": 2, "accuracy": ["int8": ["combined": 80.5]],
      "skewness": 90.5, "violations": 1.5, "pretrained": "ImageNet", "somethingElse": [1, 2],
    ],
  ]

  static let path: JSON = [
    "name": "offload", "device": "device", "remote": "remote",
    "sends": [
      [
        "tensor": "features", "to": "x", "missing": [0.5],
        "coder": [
          "name": "range", "tables": ["file": "coder.bin", "sha256": .string(sha256(tables))],
        ],
        "symbols": [
          ["symbolOf": .list(Array(repeating: 1, count: 256)), "valueOf": [0.25, 0.1]]
        ],
      ]
    ],
    "exits": [
      [
        "name": "early", "where": "device", "tensor": "l", "threshold": 0.9, "temperature": 1.5,
        "alpha": [1, 0.31],
      ],
      ["name": "late", "where": "server", "tensor": "r"],
    ],
  ]

  /// The same in format 1, as far as that had it.
  static let formatOne: JSON = [
    "format": 1, "scheme": "agilenn", "dataset": "cifar10",
    "input": ["width": 32, "height": 24, "resize": "bilinear", "fit": "centre-crop"],
    "graphs": [
      "device": ["file": "device.tflite", "sha256": .string(sha256(device))],
      "remote": ["file": "remote.onnx", "sha256": .string(sha256(remote))],
    ],
    "paths": [
      [
        "name": "offload", "device": "device", "remote": "remote", "tensors": ["features": "x"],
        "exits": ["local": "l", "remote": "r"],
      ]
    ],
    "symbols": [
      "coder": ["name": "lzw"],
      "tables": [
        ["symbolOf": .list(Array(repeating: 1, count: 256)), "valueOf": [0.25, 0.1]]
      ],
    ],
    "alpha": 0.31, "labels": ["cat", "dog"],
    "trained": ["command": "train", "somethingElse": [1, 2]],
  ]

  init(_ manifest: JSON? = BundleDirectory.manifest) throws {
    url = FileManager.default.temporaryDirectory.appending(path: "bundle-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try write(Self.device, to: "device.tflite")
    try write(Self.remote, to: "remote.onnx")
    try write(Self.tables, to: "coder.bin")
    if let manifest { try write(manifest) }
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ manifest: JSON) throws {
    try manifest.data.write(to: url.appending(path: "bundle.json"))
  }

  func write(_ bytes: [UInt8], to file: String) throws {
    let target = url.appending(path: file)
    try FileManager.default.createDirectory(
      at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: target)
  }

  func link(_ file: String, to destination: String) throws {
    let link = url.appending(path: file)
    try? FileManager.default.removeItem(at: link)
    try FileManager.default.createSymbolicLink(
      atPath: link.path, withDestinationPath: destination)
  }

  func open() throws(BundleError) -> ModelBundle { try ModelBundle(directory: url) }

  static func sha256(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}
