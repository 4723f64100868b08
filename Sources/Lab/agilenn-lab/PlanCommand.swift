import ArgumentParser
import CommandLineKit
import DeviceKit
import Foundation
import LabKit

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Writes a model's plan, the image that a board has in its flash.",
    discussion: """
      scripts/firmware --plan links it, with a board's own C files, behind the device program. \
      The camera is the bundle's input size unless --camera says otherwise.

      Examples:
        agilenn-lab plan Config/models/digits/agilenn --out digits.plan
        agilenn-lab plan model.tflite --out model.plan
      """)

  @Argument(help: ArgumentHelp("A bundle's folder or a .tflite file.", valueName: "model"))
  var model: String

  @Option(help: ArgumentHelp("Where the plan goes.", valueName: "file"))
  var out: String

  @Option(
    help: ArgumentHelp("Pixels that the camera delivers, as 320x240.", valueName: "size"),
    transform: CameraSize.init)
  var camera: CameraSize?

  func run() async throws {
    try await CommandLineEnd.run("agilenn-lab") {
      let file = try PlanFile(
        of: URL(fileURLWithPath: model), camera: camera.map { ($0.width, $0.height) })
      try file.write(to: URL(fileURLWithPath: out))
      try StandardOutput.write("\(out): \(file.text)")
    }
  }
}
