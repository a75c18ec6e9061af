import ClientProtocol
import Transport

/// What a measurement does.
struct BenchPlan: Sendable {
  enum Operation: String, Sendable {
    case put
    case get
    /// Puts and gets, chosen by chance, as many of one as of the other.
    case mixed
  }

  let operation: Operation
  let addresses: [SocketAddress]
  let outstanding: Int
  let connections: Int
  let valueSize: Int
  let keys: Int
  let durationMicroseconds: Int
  /// Whether every key has a value already, so that none need be written before it is read.
  let isLoaded: Bool
  /// How often a line says what was measured since the last one; nil for never.
  let sampleMicroseconds: Int?
  /// Processes of this machine whose time is counted.
  let processes: [Int]

  /// Requests that do not count, while caches and connections warm up.
  static let warmUpMicroseconds = 500_000

  init(_ invocation: Invocation, _ operation: Operation) throws(CommandFailure) {
    self.operation = operation
    addresses = try BenchTargets.addresses(in: invocation.text("url"))
    outstanding = invocation.integer("outstanding")
    connections = min(invocation.integer("connections"), outstanding)
    valueSize = invocation.bytes("value-size")
    keys = invocation.integer("keys")
    durationMicroseconds = invocation.microseconds("duration")
    isLoaded = operation != .put && invocation.toggle("loaded")
    sampleMicroseconds = invocation.optional("every").map { _ in invocation.microseconds("every") }
    processes = try Self.processes(invocation.optional("processes"))
    let window = Int(Limits.sessionWindow)
    guard outstanding <= window * connections else {
      throw .usage(
        "--outstanding: a connection has at most \(window) requests outstanding",
        hint: "--connections \((outstanding + window - 1) / window)"
      )
    }
    guard valueSize <= Limits.documentSizeDefault else {
      throw .usage("--value-size: a value has at most \(Limits.documentSizeDefault) bytes")
    }
  }

  /// Whether keys are written first because they will be read.
  var mustLoad: Bool { operation != .put && !isLoaded }

  private static func processes(_ list: String?) throws(CommandFailure) -> [Int] {
    var found: [Int] = []
    for word in (list ?? "").split(separator: ",") {
      guard let number = Int(word), number > 0 else {
        throw .usage("--processes: '\(word)' is no process id")
      }
      found.append(number)
    }
    return found
  }

  /// How many requests a connection has outstanding; all together have exactly `outstanding`.
  func outstanding(ofConnection index: Int) -> Int {
    outstanding / connections + (index < outstanding % connections ? 1 : 0)
  }
}
