import ArgumentParser

/// The lab's executable: each subcommand reads its arguments, calls LabKit and prints.
@main
struct AgileNNLabCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agilenn-lab",
    abstract: "Looks into models, runs them on the emulated board, and measures bundles.",
    discussion: """
      Examples:
        agilenn-lab inspect Config/models/digits/agilenn
        agilenn-lab run model.tflite --input pixels.raw --json
        agilenn-lab evaluate Config/models/digits/agilenn --dataset digits --count 500
      """,
    subcommands: [
      InspectCommand.self, RunCommand.self, PlanCommand.self, EvaluateCommand.self,
      BundleCommand.self, FitCoderCommand.self, FitExitsCommand.self, SearchCommand.self,
      DataCommand.self,
    ])
}
