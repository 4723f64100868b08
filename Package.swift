// swift-tools-version: 6.1
import PackageDescription

// The modules stand in the order of an image's way through the house; each may import only what
// stands above it (docs/architecture.md).

typealias Dependencies = [Target.Dependency]

func module(
  _ name: String, in wing: String, _ dependencies: Dependencies = []
) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/\(wing)/\(name)")
}

func executable(_ name: String, in wing: String, _ dependencies: Dependencies) -> Target {
  .executableTarget(name: name, dependencies: dependencies, path: "Sources/\(wing)/\(name)")
}

func tests(
  of name: String, _ dependencies: Dependencies, fixtures: Bool = false, excluding: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: ["SeededRandom"] + dependencies, exclude: excluding,
    resources: fixtures ? [.copy("Fixtures")] : [])
}

let nio: Dependencies = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]
let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

let chip: [Target] = [
  module("MCUIntrinsics", in: "Chip"),
  module("MCUKernels", in: "Chip", ["MCUIntrinsics"]),
  module("FeatureCoding", in: "Chip"),
  module("OffloadWire", in: "Chip"),
]

let inputs: [Target] = [
  module("Bundle", in: "Inputs", [crypto]),
  module("SeededRandom", in: "Inputs"),
  module("CImageCodecs", in: "Inputs"),
  module("Datasets", in: "Inputs", ["Bundle", "SeededRandom", "CImageCodecs", crypto]),
]

let emulator: [Target] = [
  module("TFLite", in: "Emulator", ["Bundle"]),
  module("PlanCompiler", in: "Emulator", ["TFLite", "Bundle", "MCUKernels"]),
  module("Board", in: "Emulator", ["MCUKernels", "Bundle", yams]),
  module("Link", in: "Emulator", ["Board", "Bundle", "SeededRandom", "OffloadWire"] + nio),
]

let schemes: [Target] = [
  module(
    "Schemes", in: "Schemes",
    [
      "MCUKernels", "FeatureCoding", "OffloadWire", "Bundle", "Datasets", "TFLite", "PlanCompiler",
      "Board", "Link",
    ])
]

let runtime: [Target] = [
  module("COnnxRuntime", in: "Runtime"),
  module("RemoteEngine", in: "Runtime", ["Bundle", "COnnxRuntime"]),
  module(
    "ServerKit", in: "Runtime",
    ["Schemes", "Bundle", "RemoteEngine", "OffloadWire", logging] + nio),
  executable(
    "agilenn-server", in: "Runtime",
    ["ServerKit", "Schemes", "RemoteEngine", "Bundle", logging, arguments]),
  module(
    "DeviceKit", in: "Runtime",
    ["Schemes", "Datasets", "SeededRandom", "Bundle", "Board", "Link", "OffloadWire", arguments]),
  executable("agilenn-device", in: "Runtime", ["DeviceKit", arguments]),
]

let lab: [Target] = [
  module(
    "LabKit", in: "Lab",
    [
      "DeviceKit", "ServerKit", "RemoteEngine", "Schemes", "TFLite", "PlanCompiler", "Datasets",
      "Board", "Bundle", logging,
    ]),
  executable("agilenn-lab", in: "Lab", ["LabKit", "DeviceKit", "RemoteEngine", arguments]),
  module(
    "FirmwareBench", in: "Lab",
    [
      "MCUKernels", "FeatureCoding", "OffloadWire", "Bundle", "SeededRandom", "Datasets", "TFLite",
      "PlanCompiler",
    ]),
  executable("agilenn-firmware", in: "Lab", ["FirmwareBench", "DeviceKit", arguments]),
]

let testing: [Target] = [
  // What the oracle wrote, for the emulator's tests and the firmware's.
  .target(name: "Oracle", path: "Tests/Oracle"),
  tests(of: "MCUKernels", ["MCUKernels", "MCUIntrinsics"]),
  tests(of: "FeatureCoding", ["FeatureCoding"]),
  tests(of: "OffloadWire", ["OffloadWire", "FeatureCoding"]),
  tests(of: "Bundle", ["Bundle", crypto]),
  tests(of: "Datasets", ["Datasets", "CImageCodecs", crypto], fixtures: true),
  tests(of: "TFLite", ["TFLite"], fixtures: true),
  tests(of: "PlanCompiler", ["PlanCompiler", "TFLite", "Bundle", "MCUKernels"]),
  tests(of: "Oracle", ["Oracle", "PlanCompiler", "TFLite", "MCUKernels", "MCUIntrinsics"]),
  tests(of: "Board", ["Board", "MCUKernels"], fixtures: true),
  tests(of: "Link", ["Link", "Board", "OffloadWire"] + nio),
  tests(
    of: "Schemes",
    [
      "Schemes", "Link", "Board", "Bundle", "Datasets", "OffloadWire", "PlanCompiler", "MCUKernels",
      "FeatureCoding",
    ]),
  tests(of: "RemoteEngine", ["RemoteEngine"], fixtures: true),
  tests(
    of: "ServerKit",
    [
      "ServerKit", "Bundle", "RemoteEngine", "FeatureCoding", "OffloadWire", logging,
      .product(name: "NIOEmbedded", package: "swift-nio"),
    ] + nio),
  tests(
    of: "DeviceKit",
    [
      "DeviceKit", "ServerKit", "RemoteEngine", "Schemes", "Board", "Datasets", "Bundle",
      "OffloadWire", logging,
    ] + nio),
  tests(of: "LabKit", ["LabKit", "DeviceKit", "RemoteEngine", "Datasets", "Board", "Bundle"]),
  tests(
    of: "Firmware",
    [
      "FirmwareBench", "Schemes", "Board", "Bundle", "Datasets", "OffloadWire", "PlanCompiler",
      "TFLite", "Oracle",
    ],
    excluding: ["instructions.txt"]),
  tests(
    of: "CommandLine",
    ["agilenn-device", "agilenn-firmware", "agilenn-lab", "agilenn-server"], excluding: ["Help"]),
]

let package = Package(
  name: "agilenn",
  products: (chip + inputs + emulator + schemes + runtime + lab)
    .filter { $0.type == .regular && !$0.name.hasPrefix("C") }
    .map { .library(name: $0.name, targets: [$0.name]) },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: chip + inputs + emulator + schemes + runtime + lab + testing,
  swiftLanguageModes: [.v6]
)
