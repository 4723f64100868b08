import NIOCore
import NIOPosix

/// The system's reason in a few words, without NIO's call sites.
func describe(_ error: any Error) -> String {
  switch error {
  case let error as IOError:
    return systemMessage(error.errnoCode)
  case let error as NIOConnectionError:
    if let failed = error.connectionErrors.first { return describe(failed.error) }
    if error.dnsAError != nil || error.dnsAAAAError != nil { return "no such host" }
    return "no address"
  case ChannelError.connectTimeout:
    return "no answer to the attempt to connect"
  case is ChannelError:
    return "the connection is closed"
  default:
    return "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
