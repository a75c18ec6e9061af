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

  /// Connects in the way that the URL asks for: one that names a genesis is of a cluster whose
  /// nodes may lie.
  ///
  /// - Throws: As `connect` and `connect(verifying:)` do.
  package static func open(
    _ url: String,
    configuration: Configuration = Configuration()
  ) async throws(LockstepError) -> Client {
    guard try ConnectionURL(parsing: url).isVerifying else {
      return try await connect(url, configuration: configuration)
    }
    return try await connect(verifying: url, configuration: configuration)
  }
}
