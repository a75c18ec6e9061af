public import LockstepClient

extension Client {
  /// Connects to a cluster whose nodes may lie:
  /// `lockstep://HOST:PORT,…/DATABASE?genesis=PATH&key=PATH`.
  ///
  /// The genesis names the nodes' keys, the other file is the private key of one of its clients.
  /// Nothing is believed that f+1 nodes do not say alike. Further options are those of `connect`
  /// and `reads=fast`.
  ///
  /// - Throws: As `connect` does, and for files that are missing or do not belong together:
  ///   `file_error`, `invalid_genesis`, `wrong_mode`, `key_file`, `bad_key`, `key_unknown`,
  ///   `wrong_cluster`.
  public static func connect(
    verifying url: String,
    configuration: Configuration = Configuration()
  ) async throws(LockstepError) -> Client {
    let parsed = try ConnectionURL(parsing: url)
    let credentials = try ByzantineCredentials.read(parsed)
    return try await connect(parsed, credentials: credentials, configuration)
  }

  /// Connects, runs `body` and closes, whatever comes of it.
  ///
  /// - Throws: As `connect(verifying:)` does, and what `body` throws.
  @discardableResult
  public static func with<Result>(
    verifying url: String,
    configuration: Configuration = Configuration(),
    _ body: (Client) async throws -> Result
  ) async throws -> Result {
    let client = try await connect(verifying: url, configuration: configuration)
    return try await client.closing(after: body)
  }

  /// Connects in the way of the cluster's mode, which the genesis says that the URL names; a URL
  /// without one is of mode raft.
  ///
  /// For a program that is to run on clusters of both modes. One that must not believe a single
  /// node uses `connect(verifying:)`, which refuses mode raft.
  ///
  /// - Throws: As `connect` and `connect(verifying:)` do; `wrong_mode` where the URL names a key
  ///   and the genesis is of mode raft.
  public static func connect(
    anyMode url: String,
    configuration: Configuration = Configuration()
  ) async throws(LockstepError) -> Client {
    let parsed = try ConnectionURL(parsing: url)
    switch try ByzantineCredentials.mode(of: parsed) {
    case .raft(let cluster):
      return try await connect(parsed, of: cluster, configuration)
    case .bft(let credentials):
      return try await connect(parsed, credentials: credentials, configuration)
    }
  }

  /// Connects, runs `body` and closes, whatever comes of it.
  ///
  /// - Throws: As `connect(anyMode:)` does, and what `body` throws.
  @discardableResult
  public static func with<Result>(
    anyMode url: String,
    configuration: Configuration = Configuration(),
    _ body: (Client) async throws -> Result
  ) async throws -> Result {
    let client = try await connect(anyMode: url, configuration: configuration)
    return try await client.closing(after: body)
  }
}
