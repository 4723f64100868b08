import Oracle
import PlanCompiler
import TFLite
import Testing

@Suite(
  "No plan's tensors take more memory than TensorFlow Lite Micro's",
  .enabled(if: Oracle.folder != nil, Comment(rawValue: Oracle.skipped)))
struct ArenaTests {
  static let groups = Oracle.groups.filter { ["NETWORK", "GIVEN"].contains($0.name) }

  /// Both count what does not stay from one run to the next; ours without the convolutions' columns,
  /// which the reference kernels have no need of.
  @Test(arguments: groups)
  func `Arenas of whole networks`(group: OracleGroup) throws {
    let oracle = try #require(Oracle.shared)
    for oracleCase in group.cases {
      let model = try TFLiteModel(bytes: oracle.bytes(of: oracleCase.model))
      let compiled = try PlanCompiler.compile(model)
      #expect(
        compiled.tensorPeak <= oracleCase.nonPersistentArenaBytes, "\(oracleCase.testDescription)")
    }
  }
}
