import COnnxRuntime
import Foundation

/// A loaded model: owns ONNX Runtime's session and describes its tensors.
///
/// Unchecked, because a pointer is not Sendable: ONNX Runtime lets any number of threads run a
/// session, and nothing here changes after `init`.
final class OrtSession: @unchecked Sendable {
  let library: OrtLibrary
  let pointer: OpaquePointer
  let inputs: [TensorDescription]
  let outputs: [TensorDescription]

  init(library: OrtLibrary, modelAt url: URL) throws(RemoteEngineError) {
    let functions = library.functions
    var options: OpaquePointer?
    try library.check(functions.createSessionOptions(&options), "make session options")
    defer { functions.releaseSessionOptions(options) }
    let status =
      functions.setIntraOpThreads(options, 1)
      ?? functions.setInterOpThreads(options, 1)
      ?? functions.setGraphOptimisationLevel(options, ORT_OPTIMISE_ALL)
      ?? functions.addSessionConfigEntry(options, "session.intra_op.allow_spinning", "0")
      ?? functions.addSessionConfigEntry(options, "session.inter_op.allow_spinning", "0")
    try library.check(status, "set session options")

    var session: OpaquePointer?
    try library.check(functions.createSession(library.environment, url.path, options, &session)) {
      .badModel(path: url.path, reason: $0)
    }
    guard let session else { throw .badModel(path: url.path, reason: "there is no session") }
    do throws(RemoteEngineError) {
      inputs = try Self.describe(
        library, session, count: functions.sessionInputCount, name: functions.sessionInputName,
        type: functions.sessionInputType)
      outputs = try Self.describe(
        library, session, count: functions.sessionOutputCount, name: functions.sessionOutputName,
        type: functions.sessionOutputType)
    } catch {
      functions.releaseSession(session)
      throw error
    }
    self.library = library
    pointer = session
  }

  deinit {
    library.functions.releaseSession(pointer)
  }

  private typealias CountCall =
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int>?) -> OpaquePointer?
  private typealias NameCall =
    @convention(c) (
      OpaquePointer?, Int, OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) -> OpaquePointer?
  private typealias TypeCall =
    @convention(c) (OpaquePointer?, Int, UnsafeMutablePointer<OpaquePointer?>?) -> OpaquePointer?

  private static func describe(
    _ library: OrtLibrary, _ session: OpaquePointer, count: CountCall, name: NameCall,
    type: TypeCall
  ) throws(RemoteEngineError) -> [TensorDescription] {
    var number = 0
    try library.check(count(session, &number), "count a model's tensors")
    var descriptions: [TensorDescription] = []
    for index in 0..<number {
      var text: UnsafeMutablePointer<CChar>?
      try library.check(name(session, index, library.allocator, &text), "name a model's tensor")
      let tensor = text.map { String(cString: $0) } ?? ""
      try library.check(
        library.functions.allocatorFree(library.allocator, text), "free a tensor's name")
      var info: OpaquePointer?
      try library.check(type(session, index, &info), "describe a model's tensor")
      defer { library.functions.releaseTypeInfo(info) }
      descriptions.append(try describe(library, tensor, type: info))
    }
    return descriptions
  }

  private static func describe(
    _ library: OrtLibrary, _ name: String, type: OpaquePointer?
  ) throws(RemoteEngineError) -> TensorDescription {
    let functions = library.functions
    var info: OpaquePointer?  // a view of `type`, not released by itself
    try library.check(functions.typeAsTensor(type, &info), "describe a model's tensor")
    guard let info else { return TensorDescription(name: name, shape: [], element: .notATensor) }
    return TensorDescription(
      name: name, shape: try library.shape(of: info), element: try library.element(of: info))
  }
}

extension OrtLibrary {
  func element(of info: OpaquePointer) throws(RemoteEngineError) -> TensorElement {
    var code: Int32 = 0
    try check(functions.tensorElementType(info, &code), "read a tensor's element type")
    return TensorElement(onnxCode: Int(code))
  }

  func shape(of info: OpaquePointer) throws(RemoteEngineError) -> [Int] {
    var rank = 0
    try check(functions.tensorRank(info, &rank), "read a tensor's rank")
    var sizes = [Int64](repeating: 0, count: rank)
    try check(functions.tensorShape(info, &sizes, rank), "read a tensor's shape")
    return sizes.map { $0 < 0 ? -1 : Int($0) }
  }
}
