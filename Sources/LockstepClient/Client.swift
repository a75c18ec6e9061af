import ClientProtocol
package import Consensus

/// A connection to a cluster: finds the leader, retries safely, and gives typed results.
///
///     try await Client.with("lockstep://127.0.0.1:7311,127.0.0.1:7321/shop") { db in
///       let accounts = db.collection("accounts", of: Account.self)
///       try await accounts.put(Account(owner: "Ada"), id: "ada")
///     }
///
/// Any number of calls may be under way at once, from any number of tasks. Every write is applied
/// at most once, however often it has to be sent.
public final class Client: Sendable {
  /// What a URL cannot say.
  public struct Configuration: Sendable {
    /// Hears what happens, on the client's own thread; it must return quickly.
    public var onEvent: (@Sendable (ClientEvent) -> Void)?

    /// A configuration.
    public init(onEvent: (@Sendable (ClientEvent) -> Void)? = nil) {
      self.onEvent = onEvent
    }
  }

  /// The database that collections and keys are in.
  public let database: String
  let core: ClientCore
  let consistency: Consistency

  private init(_ core: ClientCore, database: String, consistency: Consistency) {
    self.core = core
    self.database = database
    self.consistency = consistency
  }

  /// Connects to a cluster: `lockstep://HOST:PORT,HOST:PORT/DATABASE?timeout=5s`.
  ///
  /// Further options are `consistency=linearizable` or `stale:500ms`, and `name=…` for the nodes'
  /// logs.
  ///
  /// - Throws: `invalid_url`, `cannot_connect` if no node answers, or why a node refuses us.
  public static func connect(
    _ url: String,
    configuration: Configuration = Configuration()
  ) async throws(LockstepError) -> Client {
    let parsed = try ConnectionURL(parsing: url)
    guard !parsed.isVerifying else {
      throw LockstepError(
        .wrongMode,
        "the URL is of a cluster of mode bft: import LockstepByzantineClient and call "
          + "Client.connect(verifying:) or Client.connect(anyMode:)"
      )
    }
    return try await connect(parsed, of: nil, configuration)
  }

  /// Connects to a cluster whose nodes may lie.
  package static func connect(
    _ url: ConnectionURL,
    credentials: ClusterCredentials,
    _ configuration: Configuration
  ) async throws(LockstepError) -> Client {
    var options = DriverOptions(url)
    options.credentials = credentials
    return try await connect(url, options, configuration)
  }

  /// Connects to a cluster of mode raft, if it is this one; nil if any will do.
  package static func connect(
    _ url: ConnectionURL,
    of cluster: ClusterID?,
    _ configuration: Configuration
  ) async throws(LockstepError) -> Client {
    var options = DriverOptions(url)
    options.cluster = cluster
    return try await connect(url, options, configuration)
  }

  private static func connect(
    _ url: ConnectionURL,
    _ options: DriverOptions,
    _ configuration: Configuration
  ) async throws(LockstepError) -> Client {
    var options = options
    options.onEvent = configuration.onEvent
    let core = try ClientCore(options)
    _ = try await core.perform(.connect, timeout: nil)
    return Client(core, database: url.database, consistency: url.consistency)
  }

  /// Connects, runs `body` and closes, whatever comes of it.
  ///
  /// - Throws: As `connect` does, and what `body` throws.
  @discardableResult
  public static func with<Result>(
    _ url: String,
    configuration: Configuration = Configuration(),
    _ body: (Client) async throws -> Result
  ) async throws -> Result {
    try await connect(url, configuration: configuration).closing(after: body)
  }

  /// Runs `body` and closes, whatever comes of it.
  package func closing<Result>(
    after body: (Client) async throws -> Result
  ) async throws -> Result {
    do {
      let result = try await body(self)
      await close()
      return result
    } catch {
      await close()
      throw error
    }
  }

  /// Finishes the calls under way, gives the session back and closes all connections.
  ///
  /// Calls made later fail with `client_closed`; a second close does nothing.
  public func close() async {
    await core.close()
  }

  /// The documents of a collection, as JSON.
  public func collection(_ name: String) -> Collection<JSON> {
    collection(name, of: JSON.self)
  }

  /// The documents of a collection, as a type of yours.
  public func collection<Document: Codable & Sendable>(
    _ name: String,
    of type: Document.Type
  ) -> Collection<Document> {
    Collection(self, Place(database: database, collection: name))
  }

  /// Plain keys and values.
  public var kv: KeyValueStore { kv(keyValueCollection) }

  /// Plain keys and values apart from others, under a name of their own.
  public func kv(_ name: String) -> KeyValueStore {
    KeyValueStore(self, Place(database: database, collection: name))
  }

  /// The nodes: how they stand, and who leads.
  public var cluster: Cluster { Cluster(self) }

  /// The names of the database's collections, in order.
  ///
  /// - Throws: `LockstepError`, as every read does.
  public func collections(timeout: Duration? = nil) async throws(LockstepError) -> [String] {
    try await names(.listCollections(database: database), timeout)
  }

  /// The names of the cluster's databases, in order.
  ///
  /// - Throws: `LockstepError`, as every read does.
  public func databases(timeout: Duration? = nil) async throws(LockstepError) -> [String] {
    try await names(.listDatabases, timeout)
  }

  /// What became of a write whose answer never came.
  ///
  /// The answer is final: a write that was not applied never will be.
  ///
  /// - Throws: `LockstepError` where no majority can tell, ask again then; `sequence_answered`
  ///   where so many later writes were begun that nobody can tell any more.
  public func outcome(
    of write: WriteID,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> WriteOutcome {
    let answer: Answer
    do {
      answer = try await core.perform(.outcome(write), timeout: timeout)
    } catch {
      // Whatever became of the question, of the write it says nothing.
      throw error.with(outcome: .unknown)
    }
    guard case .outcome(let fate) = answer.body else { throw .unexpectedAnswer }
    switch fate {
    case .neverApplied: return .notApplied
    case .sessionExpired: return .sessionExpired
    case .committed(let bytes): return try Self.outcome(CommandReply(answer: bytes))
    }
  }

  private static func outcome(_ reply: CommandReply) -> WriteOutcome {
    switch reply {
    case .written(let revision, _, _), .deleted(let revision, _), .incremented(let revision, _),
      .changed(let revision):
      .applied(revision: revision)
    case .failed(let failure): .refused(LockstepError.Code(failure.code))
    }
  }

  private func names(
    _ question: Query.Question,
    _ timeout: Duration?
  ) async throws(LockstepError) -> [String] {
    let (reply, _) = try await ask(question, nil, timeout)
    guard case .names(let names) = reply else { throw .unexpectedAnswer }
    return names
  }
}
