import ClientProtocol
import Consensus
import LockstepByzantineClient
import LockstepClient
import Transport

/// What a measurement does.
struct BenchPlan: Sendable {
  enum Operation: String, Sendable {
    case put
    case get
    /// Puts and gets, chosen by chance, as many of one as of the other.
    case mixed

    /// Whether the next request is a put.
    func chooseIsPut(using random: inout RandomSource) -> Bool {
      switch self {
      case .put: true
      case .get: false
      case .mixed: random.next() & 1 == 0
      }
    }
  }

  /// A cluster whose nodes may lie.
  struct Cluster: Sendable {
    let url: ConnectionURL
    let credentials: ClusterCredentials
    /// The most operations under one signature.
    let envelope: Int
  }

  /// The keys of measurements are nobody else's.
  static let collection = "bench"

  let operation: Operation
  /// Where the keys are: in the URL's database, beside what users have there.
  let place: Place
  let addresses: [SocketAddress]
  /// The cluster, if its nodes may lie; nil for one of mode raft.
  let cluster: Cluster?
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
    let url = try Self.url(invocation)
    addresses = url.addresses
    place = Place(database: url.database, collection: Self.collection)
    cluster = try Self.cluster(url, invocation)
    outstanding = invocation.integer("outstanding")
    // One session fills envelopes as many would not.
    let window = Int(Limits.sessionWindow)
    let usual = cluster == nil ? 16 : (outstanding + window - 1) / window
    connections = min(invocation.optionalInteger("connections") ?? usual, outstanding)
    valueSize = invocation.bytes("value-size")
    keys = invocation.integer("keys")
    durationMicroseconds = invocation.microseconds("duration")
    isLoaded = operation != .put && invocation.toggle("loaded")
    sampleMicroseconds = invocation.optional("every").map { _ in invocation.microseconds("every") }
    processes = try Self.processes(invocation.optional("processes"))
    guard outstanding <= window * connections else {
      throw .usage(
        "--outstanding: a connection has at most \(window) requests outstanding",
        hint: "--connections \((outstanding + window - 1) / window)"
      )
    }
    guard valueSize <= Limits.documentSizeMax else {
      throw .usage("--value-size: a value has at most \(Limits.documentSizeMax) bytes")
    }
  }

  /// Whether keys are written first because they will be read.
  var mustLoad: Bool { operation != .put && !isLoaded }

  private static func url(_ invocation: Invocation) throws(CommandFailure) -> ConnectionURL {
    let url: ConnectionURL
    do {
      url = try ConnectionURL(parsing: Database.url(invocation))
    } catch {
      throw CommandFailure(error)
    }
    guard url.consistency == .linearizable else {
      throw .usage("--consistency: bench measures linearizable reads", hint: "leave it out")
    }
    return url
  }

  private static func cluster(
    _ url: ConnectionURL,
    _ invocation: Invocation
  ) throws(CommandFailure) -> Cluster? {
    do {
      let envelope = invocation.optionalInteger("envelope")
      switch try ByzantineCredentials.mode(of: url) {
      case .bft(let credentials):
        return Cluster(url: url, credentials: credentials, envelope: envelope ?? 16)
      case .raft where envelope != nil:
        throw CommandFailure.usage("--envelope is of mode bft only", hint: "leave it out")
      case .raft: return nil
      }
    } catch let error as LockstepError {
      throw CommandFailure(error)
    } catch let error as CommandFailure {
      throw error
    } catch {
      fatalError("calls throw nothing else: \(error)")
    }
  }

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
