import FeatureCoding
import MCUKernels
import OffloadWire

extension DeviceCore {
  /// Takes in a frame of the server's, which lies at the start of the receive buffer.
  mutating func receive(_ bytes: Int, _ actions: inout DeviceActions) {
    do throws(WireError) {
      guard bytes <= memory.receive.count else {
        throw .bufferTooSmall(needed: bytes, capacity: memory.receive.count)
      }
      let frame = UnsafeRawBufferPointer(rebasing: memory.receive[..<bytes])
      let header = try FrameHeader(decoding: frame)
      guard header.frameSize == bytes else {
        throw .truncated(expected: header.frameSize, found: bytes)
      }
      let body = UnsafeRawBufferPointer(rebasing: frame[header.body])
      switch header.type {
      case .prediction:
        if let fault = take(try Prediction(decoding: body), frameBytes: bytes) {
          dropLink(fault, &actions)
        }
      case .refusal: take(try Refusal(decoding: body), &actions)
      case .error: dropLink(.serverError, &actions)
      default: dropLink(.unexpected, &actions)
      }
    } catch {
      dropLink(.malformed, &actions)
    }
  }

  private mutating func dropLink(_ fault: LinkFault, _ actions: inout DeviceActions) {
    actions.linkFault = fault
    loseLink()
  }

  private mutating func take(_ prediction: Prediction, frameBytes: Int) -> LinkFault? {
    // Also from an answer that comes too late: only so does a deadline that was missed not stay missed.
    if let (request, instant) = lastRequest, request == prediction.id {
      let server =
        UInt64(prediction.queueMicroseconds) + UInt64(prediction.decodeMicroseconds)
        + UInt64(prediction.runMicroseconds)
      link.answered(after: clock - instant, serverTime: server)
      if request == image.request { image.serverTime = server }
      lastRequest = nil
    }
    guard image.offloads, !image.isAnswered, let request = image.request,
      image.symbolsUsed == nil, prediction.id == request
    else {
      // An answer that comes too late has crossed the cancel on its way; it is nobody's.
      return wasRequested(prediction.id) ? nil : .foreignAnswer
    }
    // The largest logit must stay finite, or sums of infinities would decide.
    guard prediction.logits.count == plan.classCount, (prediction.scale * 128).isFinite else {
      return .wrongLogits
    }
    // Compared before it is an Int, which has 32 bits on the chip.
    guard prediction.symbolsUsed <= UInt32(image.symbolsSent) else { return .impossibleCount }
    transmitter.dropWaiting()
    image.isCoded = true
    image.symbolsUsed = Int(prediction.symbolsUsed)
    image.answerBytes = frameBytes
    return nil
  }

  private mutating func take(_ refusal: Refusal, _ actions: inout DeviceActions) {
    guard image.offloads, !image.isAnswered, image.request == refusal.id,
      image.symbolsUsed == nil
    else {
      if !wasRequested(refusal.id) { dropLink(.foreignAnswer, &actions) }
      return
    }
    transmitter.dropWaiting()
    image.offloads = false
    actions.refusal = RefusalNotice(
      code: refusal.code.rawValue, retryAfterMilliseconds: refusal.retryAfterMilliseconds)
  }

  /// Whether the device has ever used a request's number: of the last half of all numbers.
  private func wasRequested(_ id: UInt32) -> Bool {
    let age = nextRequest &- id
    return age >= 1 && age <= UInt32.max / 2
  }

  /// Answers the image, if there is nothing left to wait for or no time left to wait in.
  mutating func conclude(_ actions: inout DeviceActions) {
    guard !image.isAnswered else { return }
    let ready = readyExit
    let last = image.path.lastDeviceExit
    if image.confidentExit >= 0 {
      answer(local: ready, &actions)
    } else if image.symbolsUsed != nil {
      // Without an α the server's answer stands alone, and the device's own is not waited for.
      let combines = last.map { image.path.exit($0).alpha != nil } ?? false
      if !combines || ready == last || isDue { answer(local: ready, &actions) }
    } else if !image.offloads {
      if last == nil || ready == last { answer(local: ready, &actions) }
    } else if isDue {
      transmitterIsLate()
      if ready != nil || last == nil {
        answer(local: ready, &actions)
      } else {
        // The device's own answer comes late, but it comes.
        abandonRequest()
        image.offloads = false
      }
    }
  }

  private var isDue: Bool {
    due.map { clock >= $0 } ?? false
  }

  /// When the answer must be begun with, to be there by the deadline; nil for no hurry.
  var due: Microseconds? {
    image.deadline.map { $0 - min($0, CoreEstimate.answer) }
  }

  /// What is still on the air when time is up says how slow the link is at least.
  private mutating func transmitterIsLate() {
    guard let late = transmitter.timeOnAir(at: clock) else { return }
    if late.time > link.time(forBytes: late.bytes) { link.sent(bytes: late.bytes, in: late.time) }
  }

  private mutating func answer(
    local index: Int?, _ actions: inout DeviceActions
  ) {
    var answer = DeviceAnswer(source: .none)
    answer.symbolsSent = image.symbolsSent
    answer.symbolsAll = image.request != nil ? symbolsAll : 0
    let local = index.flatMap { logits(ofExit: $0) }
    if let local {
      answer.local = Int32(local.argmax() ?? -1)
      answer.source = .local
      answer.logits = local.values.count
    }
    if image.confidentExit < 0, let used = image.symbolsUsed, let remote = remoteLogits {
      answer.remote = Int32(remote.argmax() ?? -1)
      answer.symbolsUsed = used
      answer.frameBytes = image.answerBytes
      answer.logits += remote.values.count
      let isWhole = used == answer.symbolsAll
      if let local, let index, let weights = image.path.exit(index).alpha {
        if let alpha = alpha(of: weights, symbols: used, isWhole: isWhole) {
          answer.combined = Int32(
            Combination.argmax(local: local, remote: remote, alpha: alpha) ?? -1)
          answer.source = isWhole ? .combined : .prefix
        }
      } else {
        answer.source = .remote
      }
    }
    abandonRequest()
    image.isAnswered = true
    actions.answer = answer
  }

  /// The weight of the local logits, by the whole channels that the server had; nil where the bundle
  /// does not say what a prefix is worth, because it has one weight, for all of them.
  private func alpha(
    of weights: UnsafeBufferPointer<Float>, symbols: Int, isWhole: Bool
  ) -> Float? {
    guard weights.count > 1 else { return isWhole ? weights.first : nil }
    guard let send = image.path.send else { return nil }
    return weights[min(symbols / (send.height * send.width), weights.count - 1)]
  }

  /// A device exit's logits, in the arena; nil for a server exit.
  func logits(ofExit index: Int) -> Combination.Logits? {
    guard let tensor = image.path.exit(index).tensor else { return nil }
    let bytes = UnsafeRawBufferPointer(
      rebasing: memory.arena[tensor.offset..<(tensor.offset + tensor.byteCount)])
    return Combination.Logits(
      bytes.bindMemory(to: Int8.self), scale: tensor.scale, zeroPoint: tensor.zeroPoint)
  }

  /// The server's logits, in the receive buffer, where they were checked when they came.
  private var remoteLogits: Combination.Logits? {
    let body = UnsafeRawBufferPointer(
      rebasing: memory.receive[FrameHeader.size..<image.answerBytes])
    guard let prediction = try? Prediction(decoding: body) else { return nil }
    return Combination.Logits(
      prediction.logits.bindMemory(to: Int8.self), scale: prediction.scale, zeroPoint: 0)
  }

  private var symbolsAll: Int {
    coding?.shape.count ?? 0
  }
}
