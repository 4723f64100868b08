import FirmwareABI
import MCUKernels
import OffloadWire

extension DeviceProgram {
  /// What the server's answer to a request makes of the image: the frame lies at the start of the
  /// receive buffer, and the local logits of the image still in the arena.
  ///
  /// The same steps as the emulated device's, and the same arithmetic, out of the same file.
  func answer(to request: UInt32, frameBytes: Int) throws(FirmwareStatus) -> firmware_answer {
    let prediction = try received(frameBytes: frameBytes, request: request)
    let remote = Combination.Logits(
      prediction.logits.bindMemory(to: Int8.self), scale: prediction.scale, zeroPoint: 0)
    var answer = firmware_answer(
      combined: -1, local: -1, remote: Int32(remote.argmax() ?? -1),
      complete: prediction.complete ? 1 : 0)
    guard let index = plan.outputIndex(role: .localLogits) else { return answer }
    let tensor = plan.output(index)
    let local = Combination.Logits(
      UnsafeBufferPointer(bytes(of: tensor).bindMemory(to: Int8.self)), scale: tensor.scale,
      zeroPoint: tensor.zeroPoint)
    answer.local = Int32(local.argmax() ?? -1)
    if let alpha = plan.alpha {
      answer.combined = Int32(
        Combination.argmax(local: local, remote: remote, alpha: alpha) ?? -1)
    }
    return answer
  }

  /// The prediction in the receive buffer, refused where it is none for this request and plan.
  private func received(
    frameBytes: Int, request: UInt32
  ) throws(FirmwareStatus) -> Prediction {
    guard frameBytes <= receive.count else { throw FirmwareStatus(FIRMWARE_ANSWER) }
    let frame = UnsafeRawBufferPointer(rebasing: receive[..<frameBytes])
    let prediction: Prediction
    do throws(WireError) {
      let header = try FrameHeader(decoding: frame)
      let body = UnsafeRawBufferPointer(rebasing: frame[FrameHeader.size...])
      guard header.type == .prediction, body.count == Int(header.bodyLength) else {
        throw .truncated(expected: Int(header.bodyLength), found: body.count)
      }
      prediction = try Prediction(decoding: body)
    } catch {
      throw FirmwareStatus(FIRMWARE_ANSWER)
    }
    let classes = plan.outputIndex(role: .localLogits).map { plan.output($0).byteCount }
    // The largest logit must stay finite, or sums of infinities would decide.
    guard prediction.id == request, (prediction.scale * 128).isFinite,
      prediction.logits.count == classes ?? prediction.logits.count
    else { throw FirmwareStatus(FIRMWARE_ANSWER) }
    return prediction
  }
}
