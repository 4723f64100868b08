import ArgumentParser
import BundleFormat
import CommandLineKit
import Credentials
import Foundation
import Logging
import RemoteEngine
import ServerKit

/// The server executable: arguments in, the server started and, on a signal, ended.
@main
struct AgileNNServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Runs the remote networks of bundles for devices.",
    discussion: """
      Serves every bundle below a folder to any number of devices, over the offload protocol on \
      TCP. Requests that wait for the same bundle are run together. It listens on loopback alone \
      unless --host says otherwise. SIGINT or SIGTERM ends it once the requests in flight are \
      answered.

      Examples:
        agilenn-server --models Config/models
        agilenn-server --models Config/models --port 0   (the first line says which)
        agilenn-server --models Config/models --host 0.0.0.0 --token-file token

      ONNX Runtime's library is looked for in --engine-library, $AGILENN_ONNXRUNTIME and \
      ~/.cache/agilenn/run, where scripts/setup installs it.

      Exit status: 0 ended by a signal, 64 usage, 65 a bundle or a library that cannot be used, \
      66 something is missing, 73 the port cannot be bound.
      """)

  @Option(help: ArgumentHelp("The folder that the bundles are in.", valueName: "dir"))
  var models: String

  @Option(help: "The address to listen on.")
  var host = ServerConfiguration().host

  @Option(help: "The port to listen on; 0 takes a free one.")
  var port = UInt16(ServerConfiguration().port)

  @Option(help: ArgumentHelp("ONNX Runtime's library.", valueName: "file"))
  var engineLibrary: String?

  @Option(
    help: ArgumentHelp(
      "A file with the token that devices must present; its last line end does not count.",
      valueName: "file"))
  var tokenFile: String?

  func run() async throws {
    LoggingSystem.bootstrap(StreamLogHandler.standardError)
    signal(SIGPIPE, SIG_IGN)
    try await CommandLineEnd.run(Self.name) { try await serve() }
  }

  private static let name = "agilenn-server"

  private func serve() async throws {
    let logger = Logger(label: Self.name)
    var configuration = ServerConfiguration()
    configuration.host = host
    configuration.port = Int(port)
    configuration.token = try tokenFile.map {
      try TokenFile.read(URL(fileURLWithPath: $0))
    }
    let bundles = try ModelBundle.discover(in: URL(fileURLWithPath: models, isDirectory: true))
    for warning in bundles.flatMap(\.warnings) { logger.warning("\(warning)") }
    let engine = try ONNXRuntime(library: engineLibrary.map { URL(fileURLWithPath: $0) })
    let server = try OffloadServer(
      configuration: configuration, bundles: bundles, engine: engine, logger: logger)
    // Before the line below, so that whoever waits for it may send a signal at once.
    let termination = TerminationSignal()
    let address = try await server.start()
    CommandLineEnd.warn(
      Self.name, ["listening on \(address), serving \(server.bundleNames.joined(separator: ", "))"])
    await termination.wait()
    await server.shutdown()
  }
}
