import Foundation
import MCUKernels
import PlanCompiler
import TFLite

/// Times one plan's execution: `plan-speed FILE.tflite ROUNDS RUNS` prints, for each round, the mean
/// microseconds of one run, a line each. A line on standard input starts a round, so that whoever
/// compares can take turns.
@main
struct PlanSpeed {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let rounds = Int(arguments[2]), let runs = Int(arguments[3]),
      rounds > 0, runs > 0
    else {
      FileHandle.standardError.write(Data("usage: plan-speed FILE.tflite ROUNDS RUNS\n".utf8))
      exit(64)
    }
    let file = try Data(contentsOf: URL(fileURLWithPath: arguments[1]))
    let compiled = try PlanCompiler.compile(try TFLiteModel(bytes: [UInt8](file)))
    let image = UnsafeMutableRawBufferPointer.allocate(
      byteCount: compiled.image.count, alignment: PlanFormat.alignment)
    let arena = UnsafeMutableRawBufferPointer.allocate(
      byteCount: compiled.arenaSize, alignment: PlanFormat.alignment)
    defer {
      image.deallocate()
      arena.deallocate()
    }
    image.copyBytes(from: compiled.image)
    arena.initializeMemory(as: UInt8.self, repeating: 1)
    let plan = try Plan(image: UnsafeRawBufferPointer(image))
    try plan.run(arena: arena)
    let clock = ContinuousClock()
    for _ in 0..<rounds {
      guard readLine() != nil else { return }
      let time = try clock.measure {
        for _ in 0..<runs { try plan.run(arena: arena) }
      }
      let line = "\(time / runs / Duration.microseconds(1))\n"
      FileHandle.standardOutput.write(Data(line.utf8))
    }
  }
}
