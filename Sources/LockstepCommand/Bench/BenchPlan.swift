import ClientProtocol
import Transport

/// What a measurement does.
struct BenchPlan: Sendable {
  enum Operation: String, Sendable {
    case put
    case get
  }

  let operation: Operation
  let addresses: [SocketAddress]
  let outstanding: Int
  let connections: Int
  let valueSize: Int
  let keys: Int
  let durationMicroseconds: Int

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

  /// How many requests a connection has outstanding; all together have exactly `outstanding`.
  func outstanding(ofConnection index: Int) -> Int {
    outstanding / connections + (index < outstanding % connections ? 1 : 0)
  }
}
