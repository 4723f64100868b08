// swift-tools-version: 6.1
import PackageDescription

// The modules stand in the order of an image's way through the house; each may import only what
// stands above it (docs/architecture.md).

typealias Dependencies = [Target.Dependency]

// A file sees the members of the modules that it imports itself, and of no others. What a module imports
// is its own affair, unless its public interface names it: `public import`.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

func module(
  _ name: String, in wing: String, _ dependencies: Dependencies = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(wing)/\(name)",
    swiftSettings: settings)
}

func executable(_ name: String, in wing: String, _ dependencies: Dependencies) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, path: "Sources/\(wing)/\(name)",
    swiftSettings: settings)
}

func tests(
  of name: String, _ dependencies: Dependencies, fixtures: Bool = false, excluding: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies, exclude: excluding,
    resources: fixtures ? [.copy("Fixtures")] : [], swiftSettings: settings)
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
  module("ImageCoding", in: "Chip"),
  module("OffloadWire", in: "Chip"),
  module(
    "DeviceCore", in: "Chip", ["MCUKernels", "FeatureCoding", "ImageCoding", "OffloadWire"]),
  // The C functions by which a board drives the device program, and what they call: the host compiles
  // them too, the chip's image is scripts/firmware's (docs/firmware.md).
  .systemLibrary(name: "FirmwareABI", path: "Sources/Chip/Firmware/include"),
  .target(
    name: "Firmware", dependencies: ["FirmwareABI", "DeviceCore", "MCUKernels", "FeatureCoding"],
    path: "Sources/Chip/Firmware/Device", swiftSettings: settings),
]

let console: [Target] = [
  module("ExitStatus", in: "Console"),
  module("CommandLineKit", in: "Console", ["ExitStatus", arguments]),
  module("Report", in: "Console"),
]

let inputs: [Target] = [
  module("BundleFormat", in: "Inputs", ["ImageCoding", "ExitStatus", crypto]),
  module("SeededRandom", in: "Inputs"),
  module("CImageCodecs", in: "Inputs"),
  module("PictureFiles", in: "Inputs", ["CImageCodecs"]),
  module(
    "Datasets", in: "Inputs",
    ["ExitStatus", "SeededRandom", "PictureFiles", "CImageCodecs", crypto]),
]

let emulator: [Target] = [
  module("TFLite", in: "Emulator", ["BundleFormat"]),
  module(
    "PlanCompiler", in: "Emulator",
    ["TFLite", "BundleFormat", "ExitStatus", "MCUKernels", "ImageCoding"]),
  module(
    "Board", in: "Emulator", ["MCUKernels", "FeatureCoding", "BundleFormat", "ExitStatus", yams]),
  module("Air", in: "Emulator", ["Board", "SeededRandom"]),
  module("Connection", in: "Emulator", ["ExitStatus", "OffloadWire"] + nio),
]

let schemes: [Target] = [
  module(
    "DeviceSchemes", in: "Schemes",
    ["MCUKernels", "DeviceCore", "ExitStatus", "BundleFormat", "PlanCompiler", "Board"]),
  module(
    "ServerSchemes", in: "Schemes",
    ["FeatureCoding", "ImageCoding", "PictureFiles", "BundleFormat", "ExitStatus", "TFLite"]),
]

let runtime: [Target] = [
  module("COnnxRuntime", in: "Runtime"),
  module("RemoteEngine", in: "Runtime", ["ExitStatus", "COnnxRuntime"]),
  module("Credentials", in: "Runtime", ["OffloadWire", "BundleFormat", "ExitStatus"]),
  module(
    "ServerKit", in: "Runtime",
    ["ServerSchemes", "BundleFormat", "ExitStatus", "RemoteEngine", "OffloadWire", logging] + nio),
  executable(
    "agilenn-server", in: "Runtime",
    [
      "ServerKit", "Credentials", "RemoteEngine", "BundleFormat", "CommandLineKit", logging,
      arguments,
    ]),
  module(
    "DeviceKit", in: "Runtime",
    [
      "DeviceCore", "MCUKernels", "FeatureCoding", "OffloadWire", "DeviceSchemes", "Datasets",
      "PictureFiles", "SeededRandom", "BundleFormat", "ExitStatus", "CommandLineKit", "Report",
      "Board", "Air", "Connection", arguments,
    ]),
  executable(
    "agilenn-device", in: "Runtime",
    ["DeviceKit", "Credentials", "Board", "BundleFormat", "CommandLineKit", "Report", arguments]),
]

let lab: [Target] = [
  module(
    "LabKit", in: "Lab",
    [
      "DeviceKit", "DeviceSchemes", "DeviceCore", "ServerKit", "RemoteEngine", "TFLite",
      "PlanCompiler", "MCUKernels", "FeatureCoding", "Datasets", "Board", "BundleFormat",
      "ExitStatus", "Report", logging,
    ]),
  module(
    "NetworkSearch", in: "Lab",
    ["LabKit", "PlanCompiler", "TFLite", "Board", "BundleFormat", "ExitStatus", "SeededRandom"]),
  executable(
    "agilenn-lab", in: "Lab",
    [
      "LabKit", "NetworkSearch", "DeviceKit", "RemoteEngine", "Board", "BundleFormat",
      "CommandLineKit", "Datasets", "Report",
      arguments,
    ]),
  module(
    "FirmwareBench", in: "Lab",
    [
      "DeviceKit", "DeviceSchemes", "DeviceCore", "MCUKernels", "FeatureCoding", "OffloadWire",
      "Connection", "Board", "BundleFormat", "ExitStatus", "SeededRandom", "Datasets", "TFLite",
      "PlanCompiler",
    ]),
  executable(
    "agilenn-firmware", in: "Lab", ["FirmwareBench", "DeviceKit", "CommandLineKit", arguments]),
]

// Programs to read and to copy (Examples/README.md). They use what a package of yours can use.
let examples: [Target] = [
  .executableTarget(
    name: "classify-folder", dependencies: ["DeviceKit", "Board", "BundleFormat", "ExitStatus"],
    path: "Examples/classify-folder", swiftSettings: settings),
  .testTarget(
    name: "DeviceInATest",
    dependencies: [
      "DeviceKit", "ServerKit", "RemoteEngine", "Datasets", "Board", "BundleFormat", logging,
    ],
    path: "Examples/DeviceInATest", swiftSettings: settings),
]

let testing: [Target] = [
  // What the oracle wrote, for the emulator's tests and the firmware's.
  .target(name: "Oracle", path: "Tests/Oracle", swiftSettings: settings),
  // The bundles in Tests/Fixtures, as they are or edited, and the answers that they must give.
  .target(
    name: "TestBundles", dependencies: ["BundleFormat"], path: "Tests/TestBundles",
    swiftSettings: settings),
  tests(of: "MCUKernels", ["MCUKernels", "MCUIntrinsics", "SeededRandom"]),
  tests(of: "FeatureCoding", ["FeatureCoding", "SeededRandom"]),
  tests(of: "ImageCoding", ["ImageCoding", "CImageCodecs", "SeededRandom"]),
  tests(of: "OffloadWire", ["OffloadWire", "SeededRandom"]),
  tests(
    of: "BundleFormat", ["BundleFormat", "ExitStatus", "SeededRandom", "TestBundles", crypto]),
  tests(of: "PictureFiles", ["PictureFiles", "SeededRandom"]),
  tests(
    of: "Datasets",
    ["Datasets", "PictureFiles", "CImageCodecs", "SeededRandom", "TestBundles", crypto],
    fixtures: true),
  tests(of: "TFLite", ["TFLite", "SeededRandom"], fixtures: true),
  tests(
    of: "PlanCompiler",
    ["PlanCompiler", "TFLite", "BundleFormat", "MCUKernels", "SeededRandom", "TestBundles"]),
  tests(
    of: "Oracle",
    ["Oracle", "PlanCompiler", "TFLite", "MCUKernels", "MCUIntrinsics", "SeededRandom"]),
  tests(of: "Board", ["Board", "FeatureCoding", "MCUKernels", "SeededRandom"], fixtures: true),
  tests(of: "Air", ["Air", "Board", "SeededRandom"]),
  tests(of: "Connection", ["Connection", "SeededRandom"] + nio),
  tests(
    of: "DeviceCore",
    [
      "DeviceCore", "MCUKernels", "FeatureCoding", "OffloadWire", "PlanCompiler", "BundleFormat",
      "SeededRandom", "TestBundles",
    ]),
  tests(of: "DeviceSchemes", ["DeviceSchemes", "Board", "TestBundles"]),
  tests(
    of: "ServerSchemes",
    [
      "ServerSchemes", "BundleFormat", "FeatureCoding", "ImageCoding", "PictureFiles", "TFLite",
      "SeededRandom", "TestBundles",
    ]),
  tests(of: "RemoteEngine", ["RemoteEngine"], fixtures: true),
  tests(of: "Credentials", ["Credentials"]),
  tests(
    of: "ServerKit",
    [
      "ServerKit", "BundleFormat", "ExitStatus", "RemoteEngine", "FeatureCoding", "OffloadWire",
      "SeededRandom", logging, .product(name: "NIOEmbedded", package: "swift-nio"),
      .product(name: "NIOCore", package: "swift-nio"),
    ]),
  tests(
    of: "DeviceKit",
    [
      "DeviceKit", "DeviceCore", "DeviceSchemes", "ServerKit", "RemoteEngine", "Connection",
      "FeatureCoding", "MCUKernels", "PlanCompiler",
      "Board", "Datasets", "BundleFormat", "CommandLineKit", "ExitStatus", "OffloadWire", "Report",
      "SeededRandom", "TestBundles", logging,
    ] + nio),
  // All schemes, device and server together; no module of its own.
  tests(
    of: "Scheme",
    [
      "DeviceKit", "DeviceSchemes", "DeviceCore", "ServerKit", "RemoteEngine", "Board",
      "BundleFormat", "TestBundles", logging, crypto,
    ]),
  tests(
    of: "LabKit",
    [
      "LabKit", "DeviceKit", "DeviceCore", "RemoteEngine", "Datasets", "Board", "BundleFormat",
      "SeededRandom", "TestBundles",
    ]),
  tests(of: "NetworkSearch", ["NetworkSearch", "LabKit", "TFLite", "Board", "TestBundles"]),
  tests(
    of: "Firmware",
    [
      "FirmwareBench", "DeviceSchemes", "DeviceCore", "Board", "BundleFormat", "Datasets",
      "FeatureCoding", "MCUKernels", "OffloadWire", "PlanCompiler", "TFLite", "Oracle",
      "SeededRandom", "TestBundles",
    ],
    excluding: ["instructions.txt"]),
  tests(
    of: "CommandLine",
    [
      "agilenn-device", "agilenn-firmware", "agilenn-lab", "agilenn-server", "classify-folder",
      "BundleFormat", "TestBundles",
    ],
    excluding: ["Help"]),
]

let package = Package(
  name: "agilenn",
  products: (chip + console + inputs + emulator + schemes + runtime + lab)
    .filter { $0.type == .regular && !$0.name.hasPrefix("C") }
    .map { .library(name: $0.name, targets: [$0.name]) },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: chip + console + inputs + emulator + schemes + runtime + lab + examples + testing,
  swiftLanguageModes: [.v6]
)
