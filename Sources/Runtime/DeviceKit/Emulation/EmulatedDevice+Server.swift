import Air
import Board
import Connection
import DeviceCore
import DeviceSchemes
import MCUKernels
import OffloadWire

/// The server's side of the air.
extension EmulatedDevice {
  /// A transmission is whole at the server: its frames go over the real connection.
  func deliver(_ bytes: [UInt8]) async throws {
    let arrived = ArrivedFrames(bytes)
    if let opened = arrived.opened {
      openRequest = opened.id
      if let timeLeft = opened.timeLeft {
        let reserve = expectedServerTime
        queue.schedule(
          .serverDeadline(request: opened.id),
          at: timeline.now + max(0, Double(timeLeft) - reserve))
      }
    }
    lastSending = timeline.wallMicroseconds
    connection?.send(arrived.bytesForServer)
    if arrived.cancelled == openRequest, arrived.opened == nil { openRequest = nil }
    if let ended = arrived.ended, ended == openRequest {
      openRequest = nil
      await awaitReply(to: ended)
    }
  }

  /// The server waits no longer for the rest of a request.
  func cut(_ request: UInt32) async throws {
    guard openRequest == request else { return }
    openRequest = nil
    let empty = UnsafeRawBufferPointer(start: nil, count: 0)
    lastSending = timeline.wallMicroseconds
    connection?.send(try End(id: request, symbolCount: nil, payload: empty).encoded())
    await awaitReply(to: request)
  }

  /// What a server takes off the time that a request has left, to be done by then.
  private var expectedServerTime: Double {
    switch serverTime {
    case .measured: Double(core.link.serverTime)
    case .pinned(let microseconds): Double(microseconds)
    }
  }

  /// Waits, in real time, for the answer that the server now owes, and puts it on the air.
  func awaitReply(to request: UInt32) async {
    guard let connection else { return }
    let asked = timeline.now
    let start = lastSending
    var frame: [UInt8]
    do {
      repeat {
        frame = try await connection.next(within: replyTimeout)
      } while ServerReply(frame).isLate(for: request)
    } catch {
      failure = OffloadFailure("\(error)")
      await loseConnection()
      queue.schedule(.linkLost, at: timeline.now)
      return
    }
    let elapsed = timeline.wallMicroseconds - start
    let times: ServerTimes
    do {
      times = try ServerTimes(of: frame, serverTime: serverTime, elapsedMicroseconds: elapsed)
    } catch {
      failure = error
      await loseConnection()
      queue.schedule(.linkLost, at: timeline.now)
      return
    }
    var instant = asked
    // Without a radio the network takes what it really takes, half of it each way, in paced time; in
    // virtual time, which must not depend on the host, nothing.
    let eachWay =
      air == nil && timeline.mode == .paced ? max(0, elapsed - times.total) / 2 : 0
    record.add(.uplink, .radio, from: instant, to: instant + eachWay)
    instant += eachWay
    for (stage, microseconds) in times.stages {
      record.add(stage, .server, from: instant, to: instant + microseconds)
      instant += microseconds
    }
    guard let transmission = air?.transmit(bytes: frame.count, .down, at: instant) else {
      record.add(.downlink, .radio, from: instant, to: instant + eachWay)
      queue.schedule(.reply(frame: frame), at: instant + eachWay)
      return
    }
    record.receives(for: transmission.airMicroseconds)
    record.add(.downlink, .radio, from: instant, to: transmission.departure)
    record.add(.flight, .radio, from: transmission.departure, to: transmission.arrival)
    queue.schedule(.reply(frame: frame), at: transmission.arrival)
  }

  /// A frame of the server's is whole at the device.
  func receive(_ frame: [UInt8]) async throws {
    guard frame.count <= core.memory.receive.count, !core.holdsPrediction else {
      failure = OffloadFailure("the server answered with \(frame.count) bytes")
      await loseConnection()
      queue.dropLinkEvents()
      try await tell(.linkLost)
      return
    }
    core.memory.receive.copyBytes(from: frame)
    record.bytes.down += frame.count
    try await tell(.received(bytes: frame.count), bytes: frame)
  }

  func dropConnection(_ fault: LinkFault, frame: [UInt8]) async {
    failure = OffloadFailure(fault: fault, frame: frame, classes: image.plan.classCount)
    queue.dropLinkEvents()
    await loseConnection()
  }

  func loseConnection() async {
    await connection?.close()
    connection = nil
    openRequest = nil
  }
}
