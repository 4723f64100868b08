// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "agilenn-benchmarks",
  dependencies: [.package(name: "agilenn", path: "..")],
  targets: [
    .executableTarget(
      name: "plan-speed",
      dependencies: ["PlanCompiler", "TFLite", "MCUKernels"].map {
        .product(name: $0, package: "agilenn")
      })
  ],
  swiftLanguageModes: [.v6]
)
