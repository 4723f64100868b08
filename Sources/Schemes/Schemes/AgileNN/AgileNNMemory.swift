import Board
import FeatureCoding
import OffloadWire

/// The SRAM that AgileNN's device half holds from its first image to its last.
///
/// Nothing is allocated later: the peak is known, and what does not fit is refused, before anything
/// runs.
struct AgileNNMemory {
  let arena: UnsafeMutableRawBufferPointer
  /// The coder's dictionary; empty where features are sent uncoded.
  let dictionary: UnsafeMutableRawBufferPointer
  /// One whole request frame, the payload at its worst.
  let transmit: UnsafeMutableRawBufferPointer
  /// One whole answer frame.
  let receive: UnsafeMutableRawBufferPointer

  /// - Parameters:
  ///   - arenaSize: bytes that the plan runs in.
  ///   - symbols: features sent for one image.
  ///   - alphabetSize: `nil` where the features are sent uncoded, a byte each.
  ///   - classes: logits in an answer.
  /// - Throws: `SRAMOverflow`.
  init(
    in sram: SRAM, arenaSize: Int, symbols: Int, alphabetSize: Int?, classes: Int
  ) throws(SRAMOverflow) {
    let dictionaryBytes =
      alphabetSize.map { LZWEncoder.workspaceSize(alphabetSize: $0, symbols: symbols) } ?? 0
    let payloadBytes =
      alphabetSize.map { LZWEncoder.worstCaseBytes(symbols: symbols, alphabetSize: $0) } ?? symbols
    let buffers = try sram.allocate(all: [
      SRAMRequest(name: "camera image and activations", byteCount: arenaSize),
      SRAMRequest(name: "LZW dictionary", byteCount: dictionaryBytes),
      SRAMRequest(name: "transmit buffer", byteCount: Infer.payloadOffset + payloadBytes),
      SRAMRequest(
        name: "receive buffer", byteCount: WireProtocol.maximumAnswerSize(classes: classes)),
    ])
    arena = buffers[0]
    dictionary = buffers[1]
    transmit = buffers[2]
    receive = buffers[3]
  }
}
