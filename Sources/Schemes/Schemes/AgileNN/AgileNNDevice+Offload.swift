import Board
import Datasets
import FeatureCoding
import Link
import MCUKernels
import OffloadWire

extension AgileNNDevice {
  /// Sends the features of the image that just ran and combines the answer with the local logits.
  ///
  /// An exchange that fails has cost emulated time and energy up to the frame's completion, which
  /// stay in `stages`; how long a device waits for a dead server is not modelled.
  ///
  /// - Throws: ``OffloadFailure`` where the server gave no prediction.
  func offload(
    _ picture: LabelledImage, over link: any OffloadLink, stages: inout Receipt.Stages
  ) async throws -> Receipt {
    let request = nextIdentifier()
    let (frame, payloadBytes) = try buildRequest(request)
    stages.compress = await spend(cycles: requestCycles(payloadBytes: payloadBytes))

    let exchange = try await exchanged(frame, over: link)
    guard exchange.reply.count <= memory.receive.count else {
      throw OffloadFailure("the server answered with \(exchange.reply.count) bytes")
    }
    memory.receive.copyBytes(from: exchange.reply)
    let reply = UnsafeRawBufferPointer(rebasing: memory.receive[..<exchange.reply.count])
    let answer = try AnswerFrame.prediction(in: reply, request: request, classes: classes)
    guard
      serverTime != .measured
        || AnswerFrame.isCredible(answer, elapsedMicroseconds: exchange.elapsedMicroseconds)
    else {
      throw OffloadFailure(
        "the server says that it worked \(AnswerFrame.serverMicroseconds(of: answer)) us, "
          + "which is longer than its answer took")
    }

    stages.uplink = Int(exchange.uplinkMicroseconds.rounded())
    stages.downlink = Int(exchange.downlinkMicroseconds.rounded())
    switch serverTime {
    case .measured:
      stages.queue = Int(answer.queueMicroseconds)
      stages.decode = Int(answer.decodeMicroseconds)
      stages.run = Int(answer.runMicroseconds)
    case .pinned(let microseconds):
      stages.run = microseconds
    }
    exchange.charge(to: &board.energy)

    let (prediction, source) = combine(answer)
    stages.combine = await spend(cycles: answerCycles(frameBytes: reply.count))

    var bytes = Receipt.Bytes()
    bytes.payload = payloadBytes
    bytes.up = frame.count
    bytes.down = reply.count
    return receipt(
      for: picture, prediction: prediction, complete: answer.complete, source: source,
      stages: stages, bytes: bytes)
  }

  /// Quantises and codes the features straight into the transmit buffer, and frames them there.
  ///
  /// - Returns: the whole frame, and the bytes of its payload.
  private func buildRequest(_ request: UInt32) throws -> (frame: [UInt8], payloadBytes: Int) {
    let room = UnsafeMutableRawBufferPointer(rebasing: memory.transmit[Infer.payloadOffset...])
    let payloadBytes = try code(into: room)
    let payload = UnsafeRawBufferPointer(rebasing: room[..<payloadBytes])
    let size = try Infer(id: request, path: path, payload: payload).encode(into: memory.transmit)
    return (Array(memory.transmit[..<size]), payloadBytes)
  }

  private func exchanged(
    _ frame: [UInt8], over link: any OffloadLink
  ) async throws -> Exchange {
    let serverTime = serverTime
    do {
      return try await link.exchange(frame) { reply, elapsed in
        switch serverTime {
        case .measured: Self.serverMicroseconds(in: reply, elapsed: elapsed)
        case .pinned(let microseconds): Double(microseconds)
        }
      }
    } catch LinkError.cancelled {
      throw CancellationError()
    } catch {
      throw OffloadFailure("\(error)")
    }
  }

  /// The server's own account of its time; 0 where the frame is no prediction, or where that much
  /// time has not passed: such an answer is refused, and not waited for.
  private static func serverMicroseconds(in frame: [UInt8], elapsed: Double) -> Double {
    frame.withUnsafeBytes { bytes in
      guard let header = try? FrameHeader(decoding: bytes), header.type == .prediction,
        let answer = try? Prediction(
          decoding: UnsafeRawBufferPointer(rebasing: bytes[FrameHeader.size...])),
        AnswerFrame.isCredible(answer, elapsedMicroseconds: elapsed)
      else { return 0 }
      return Double(AnswerFrame.serverMicroseconds(of: answer))
    }
  }

  private func combine(_ answer: Prediction) -> (Receipt.Prediction, Receipt.Source) {
    let remote = Combination.Logits(
      answer.logits.bindMemory(to: Int8.self), scale: answer.scale, zeroPoint: 0)
    var prediction = Receipt.Prediction(remote: remote.argmax())
    guard let localLogits else { return (prediction, .remote) }
    let local = logits(of: localLogits)
    prediction.local = local.argmax()
    guard let alpha = image.plan.alpha else { return (prediction, .remote) }
    prediction.combined = Combination.argmax(local: local, remote: remote, alpha: alpha)
    return (prediction, answer.complete ? .combined : .prefix)
  }

  private func requestCycles(payloadBytes: Int) -> Int {
    let symbols = quantiser.symbolCount
    var cycles = board.preset.cycles(framing: Infer.payloadOffset + payloadBytes)
    // Uncoded features are only put in scan order, which is the quantiser's pass without its table.
    cycles += board.preset.cycles(quantising: symbols)
    if encoder != nil {
      cycles += board.preset.cycles(encoding: symbols, into: payloadBytes)
    }
    return cycles
  }

  private func answerCycles(frameBytes: Int) -> Int {
    board.preset.cycles(framing: frameBytes) + board.preset.cycles(combining: classes)
  }
}
