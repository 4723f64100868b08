public import NIOCore
import OffloadWire

/// How a server behaves; the defaults suit a server for a few devices on one machine.
public struct ServerConfiguration: Sendable {
  /// The address to listen on: a name or a number.
  public var host = "127.0.0.1"
  /// The port to listen on; 0 takes any that is free.
  public var port = WireProtocol.defaultPort
  /// What a device's hello must carry; nil serves every device.
  public var token: [UInt8]?

  /// Connections at one time; one more gets the error `busy`.
  public var maximumConnections = 256
  /// Requests that are run together at most, if so many are waiting. None waits for more to come.
  public var maximumBatch = 8
  /// Requests of one bundle that wait at most; one more is refused as `busy`.
  public var queueCapacity = 64

  /// From the connection to the end of the hello.
  public var helloTimeout = TimeAmount.seconds(5)
  /// From a frame's first byte to its last, however its bytes drip in.
  public var frameTimeout = TimeAmount.seconds(10)
  /// From infer to end, however many chunks drip in between.
  public var requestTimeout = TimeAmount.seconds(60)
  /// From one frame to the next while no request is open.
  public var idleTimeout = TimeAmount.minutes(10)
  /// How long a connection stays open after its error frame, so that the device can read it.
  public var lingerTimeout = TimeAmount.seconds(1)
  /// How long a shutdown waits for the requests in flight.
  public var drainTimeout = TimeAmount.seconds(10)

  public init() {}
}
