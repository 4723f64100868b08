import Board
import NIOCore
import NIOPosix
import Synchronization

/// A TCP connection to the server that takes as long, in emulated time, as a radio would.
///
/// The frames really go over TCP. On a shaped link an exchange is, on the timeline: the uplink by
/// the frame's bytes, the server's time, the downlink by the reply's bytes. In virtual time that is
/// computed; in paced time it is slept as well, and the server's real work is hidden in the
/// server's interval: the frame leaves when the uplink is over, and what is left of the interval
/// when the reply is there is slept.
///
/// One exchange at a time. No thread is blocked. A task that is cancelled in an exchange gets
/// ``LinkError/cancelled``, and the connection is closed where its frame was sent already.
public final class Link: Sendable {
  private let channel: any Channel
  private let handler: NIOLoopBound<ReplyHandler>
  private let timeline: Timeline
  private let limits: LinkLimits
  /// Holds nil where the link is unshaped.
  private let shaper: Mutex<LinkShaper?>

  private init(
    channel: any Channel, handler: NIOLoopBound<ReplyHandler>, timeline: Timeline,
    limits: LinkLimits, shaper: LinkShaper?
  ) {
    self.channel = channel
    self.handler = handler
    self.timeline = timeline
    self.limits = limits
    self.shaper = Mutex(shaper)
  }

  deinit {
    channel.close(promise: nil)
  }

  /// Connects; takes no emulated time.
  ///
  /// - Parameters:
  ///   - radio: nil for an unshaped link.
  ///   - seed: of jitter and loss.
  /// - Throws: ``LinkError/unreachable(host:port:reason:)`` or ``LinkError/cancelled``.
  public static func connect(
    host: String, port: Int, radio: RadioProfile?, timeline: Timeline, seed: UInt64,
    limits: LinkLimits = LinkLimits()
  ) async throws(LinkError) -> Link {
    guard (1...65535).contains(port) else {
      throw .unreachable(host: host, port: port, reason: "no such port")
    }
    let connected: (any Channel, NIOLoopBound<ReplyHandler>)
    do {
      connected = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(TimeAmount(limits.connectTimeout))
        .channelOption(.socketOption(.so_keepalive), value: 1)
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .connect(host: host, port: port) { channel in
          channel.eventLoop.makeCompletedFuture {
            let handler = ReplyHandler(limits: limits)
            try channel.pipeline.syncOperations.addHandler(handler)
            return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
          }
        }
    } catch {
      throw .unreachable(host: host, port: port, reason: describe(error))
    }
    let link = Link(
      channel: connected.0, handler: connected.1, timeline: timeline, limits: limits,
      shaper: radio.map { LinkShaper(radio: $0, seed: seed) })
    if Task.isCancelled {
      await link.close()
      throw .cancelled
    }
    return link
  }

  /// Sends a frame and takes its answer without emulated time: the hello that opens a session.
  ///
  /// - Returns: the answer, header and body.
  /// - Throws: ``LinkError``.
  public func handshake(_ frame: [UInt8]) async throws(LinkError) -> [UInt8] {
    try await send(frame, within: limits.handshakeTimeout).bytes
  }

  /// Sends a frame and takes its answer in the radio's time.
  ///
  /// - Parameter serverMicroseconds: the emulated time of the server, from the reply or pinned; it
  ///   is also told how long the reply really took, without the radio's emulated time.
  /// - Throws: ``LinkError``.
  public func exchange(
    _ frame: [UInt8],
    serverMicroseconds: @Sendable (_ reply: [UInt8], _ elapsedMicroseconds: Double) -> Double
  ) async throws(LinkError) -> Exchange {
    guard let up = transfer(frame, .up) else {
      return try await unshapedExchange(frame, serverMicroseconds: serverMicroseconds)
    }
    await timeline.advance(microseconds: up.microseconds)
    let reply = try await send(frame, within: limits.replyTimeout)
    let server = max(0, serverMicroseconds(reply.bytes, reply.elapsedMicroseconds))
    await timeline.advance(microseconds: server)
    let down = transfer(reply.bytes, .down) ?? Transfer(microseconds: 0, airMicroseconds: 0)
    await timeline.advance(microseconds: down.microseconds)
    return Exchange(
      reply: reply.bytes, elapsedMicroseconds: reply.elapsedMicroseconds,
      uplinkMicroseconds: up.microseconds, serverMicroseconds: server,
      downlinkMicroseconds: down.microseconds, uplinkAirMicroseconds: up.airMicroseconds,
      downlinkAirMicroseconds: down.airMicroseconds)
  }

  /// Closes the connection; later exchanges fail with ``LinkError/lost(reason:)``.
  public func close() async {
    // It may be closed already; either way it is closed now.
    try? await channel.close()
  }

  /// What it takes to carry a frame from now on; nil on an unshaped link.
  private func transfer(_ frame: [UInt8], _ direction: LinkShaper.Direction) -> Transfer? {
    let now = timeline.now
    return shaper.withLock { $0?.transfer(bytes: frame.count, direction, at: now) }
  }

  /// Without a radio the network takes what it really takes, half of it each way, in paced time;
  /// in virtual time, which must not depend on the host, nothing.
  private func unshapedExchange(
    _ frame: [UInt8], serverMicroseconds: @Sendable ([UInt8], Double) -> Double
  ) async throws(LinkError) -> Exchange {
    let reply = try await send(frame, within: limits.replyTimeout)
    let elapsed = reply.elapsedMicroseconds
    let server = max(0, serverMicroseconds(reply.bytes, elapsed))
    let eachWay = timeline.mode == .paced ? max(0, elapsed - server) / 2 : 0
    await timeline.advance(microseconds: server + 2 * eachWay)
    return Exchange(
      reply: reply.bytes, elapsedMicroseconds: elapsed, uplinkMicroseconds: eachWay,
      serverMicroseconds: server,
      downlinkMicroseconds: eachWay, uplinkAirMicroseconds: 0, downlinkAirMicroseconds: 0)
  }

  /// A reply and how long it took on the wall clock.
  private typealias Reply = (bytes: [UInt8], elapsedMicroseconds: Double)

  private func send(
    _ frame: [UInt8], within wait: Duration
  ) async throws(LinkError) -> Reply {
    if Task.isCancelled { throw .cancelled }
    let start = timeline.wallMicroseconds
    let eventLoop = channel.eventLoop
    let handler = handler
    do {
      let bytes = try await withTaskCancellationHandler {
        try await eventLoop.flatSubmit {
          handler.value.exchange(frame, within: wait, on: eventLoop)
        }.get()
      } onCancel: {
        eventLoop.execute { handler.value.fail(.cancelled) }
      }
      return (bytes, timeline.wallMicroseconds - start)
    } catch let error as LinkError {
      throw error
    } catch {
      throw .lost(reason: describe(error))
    }
  }
}
