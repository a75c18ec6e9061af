import ClientProtocol
import Consensus
import Genesis
import Glibc
import Raft
import Server
import Storage
import Transport

/// `lockstep server init` of a first member, and `lockstep server start`.
enum ServerCommand {
  @MainActor
  static func initialize(_ invocation: Invocation) async throws(CommandFailure) {
    if invocation.optional("join") != nil { return try await JoinCommand.join(invocation) }
    guard let path = invocation.optional("genesis") else {
      throw .usage(
        "either --genesis or --join says which cluster it is",
        hint: invocation.command.usage
      )
    }
    try refuse(["listen", "replace", "held"], of: "join", invocation)
    let file = try Genesis.readFile(path)
    let genesis = file.genesis
    if genesis.keys != nil { return try ByzantineServerCommand.initialize(invocation, file) }
    guard invocation.optional("key") == nil else {
      throw .usage("--key is for clusters of mode bft", hint: invocation.command.usage)
    }
    let data = invocation.text("data")
    let node = NodeID(UInt32(invocation.integer("id")))
    try making(data) { disk throws(NodeDirectoryError) in
      try NodeDirectory.create(
        on: disk,
        cluster: genesis.cluster,
        configuration: genesis.configuration,
        node: node
      )
    }
    Output(invocation).printResult([
      JSONValue.Field("cluster", .text("\(genesis.cluster)")),
      JSONValue.Field("node", .integer(Int(node.rawValue))),
      JSONValue.Field("data", .text(data)),
    ])
  }

  /// A flag that says what happens must not be taken where nothing does.
  static func refuse(
    _ flags: [String],
    of way: String,
    _ invocation: Invocation
  ) throws(CommandFailure) {
    for flag in flags where invocation.isGiven(flag) {
      throw .usage(
        "\(invocation.place(of: flag)) is of --\(way), which is not given",
        hint: invocation.command.usage
      )
    }
  }

  @MainActor
  static func start(_ invocation: Invocation) async throws(CommandFailure) {
    let data = invocation.text("data")
    var options = ServerOptions()
    options.logFormat = EventLog.Format(rawValue: invocation.text("log-format")) ?? .auto
    options.clientListenAddress = invocation.optional("listen-client")
    options.peerListenAddress = invocation.optional("listen-peer")
    if let list = invocation.optional("peer-address") {
      options.peerAddresses = try NodeList.parseAddresses(list)
    }
    options.raft.admission = invocation.text("readmission") == "strict" ? .strict : .majority
    options.scrubPeriodMicroseconds = UInt64(invocation.microseconds("scrub-period"))
    options.comesBack = invocation.text("when-refused") == "return"
    // Whoever does not come back has nothing to give its directory up for.
    if !options.comesBack { options.raft.strictPatienceMicroseconds = nil }
    try planSnapshots(invocation, &options)
    // Whoever reads the log may end; the node does not end with them.
    signal(SIGPIPE, SIG_IGN)
    var stop: StopRequest?
    while try servesUntilReplaced(invocation, options, &stop) { try comeBack(data) }
  }

  private static func planSnapshots(
    _ invocation: Invocation,
    _ options: inout ServerOptions
  ) throws(CommandFailure) {
    let size = invocation.bytes("snapshot-after")
    guard ServerOptions.snapshotAfter.contains(size) else {
      throw .usage(
        "--snapshot-after: '\(invocation.text("snapshot-after"))' is not from 64KiB to 1024GiB",
        hint: invocation.command.usage
      )
    }
    options.planSnapshots(after: size)
  }

  /// Serves until told to stop.
  ///
  /// - Returns: Whether the node is to come back as another member instead; whatever held its
  ///   directory is gone then.
  private static func servesUntilReplaced(
    _ invocation: Invocation,
    _ options: ServerOptions,
    _ stop: inout StopRequest?
  ) throws(CommandFailure) -> Bool {
    let data = invocation.text("data")
    let directory = try open(data, comingBack: options.comesBack)
    if directory.genesisDigest != nil { try refuseFlagsOfRaft(invocation) }
    let credentials = try directory.genesisDigest.map { digest throws(CommandFailure) in
      try ByzantineServerCommand.credentials(in: data, digest: digest)
    }
    // Until a directory was opened for the first time, the signals just end the process.
    let request: StopRequest
    if let stop { request = stop } else { request = try stopOnSignals() }
    stop = request
    do throws(ServerError) {
      try serve(directory, options, credentials, request)
      return false
    } catch .replaced {
      return true
    } catch {
      let exitCode: ExitCode? =
        switch error {
        case .diskHung: .diskHung
        case .refused: .directoryRefused
        case .transport, .replica, .journal, .replaced, .noAddress, .foreignGenesis, .foreignKey,
          .crypto:
          nil
        }
      guard let exitCode else { throw CommandFailure.of(code: error.code, "\(error)") }
      throw CommandFailure(exitCode: exitCode, code: error.code, message: "\(error)")
    }
  }

  private static func refuseFlagsOfRaft(_ invocation: Invocation) throws(CommandFailure) {
    for flag in ["readmission", "when-refused"] where invocation.isGiven(flag) {
      throw .usage(
        "--\(flag) is for clusters of mode raft, and the directory is of mode bft",
        hint: invocation.command.usage
      )
    }
  }

  private static func comeBack(_ data: String) throws(CommandFailure) {
    do {
      try NodeDirectory.comeBack(on: try disk(data, creating: false))
    } catch {
      throw CommandFailure(unwrapping: error, at: data)
    }
  }

  /// Makes a node's directory of a folder, which is made itself if it is not there.
  ///
  /// `finishing` adds what else belongs in it. If either fails, the folder is as it was.
  static func making<Result>(
    _ data: String,
    _ body: (any Disk) throws(NodeDirectoryError) -> Result,
    finishing: () throws(CommandFailure) -> Void = {}
  ) throws(CommandFailure) -> Result {
    let folder = try NewFolder(data)
    do throws(CommandFailure) {
      let result = try made(in: folder, data, body)
      try finishing()
      return result
    } catch {
      // Another process may be at work there, or has just been.
      if !["directory_not_empty", "directory_locked"].contains(error.code) { folder.takeBack() }
      throw error
    }
  }

  private static func made<Result>(
    in folder: NewFolder,
    _ data: String,
    _ body: (any Disk) throws(NodeDirectoryError) -> Result
  ) throws(CommandFailure) -> Result {
    do {
      return try body(folder.disk)
    } catch {
      throw CommandFailure.of(code: error.code, "\(data): \(error)")
    }
  }

  private static func open(
    _ data: String,
    comingBack comesBack: Bool
  ) throws(CommandFailure) -> NodeDirectory {
    let disk = try disk(data, creating: false)
    do {
      return try NodeDirectory(opening: disk, comingBack: comesBack)
    } catch {
      let isEmpty = error.code == ErrorCode.directoryEmpty.rawValue
      let hint = isEmpty ? "lockstep server init --genesis FILE --id N --data \(data)" : nil
      throw CommandFailure.of(code: error.code, "\(data): \(error)", hint: hint)
    }
  }

  static func disk(
    _ path: String,
    creating: Bool
  ) throws(CommandFailure) -> PosixDisk {
    do {
      return try PosixDisk(path: path, creating: creating)
    } catch {
      throw .file(path, sentence(error))
    }
  }

  static func sentence(_ error: DiskError) -> String {
    switch error {
    case .noSpace: "no space is left"
    case .io(let call, _, let number): "\(call): \(TextFile.problem(number))"
    case .missing: "no such directory"
    case .exists: "it exists already"
    case .locked(_, let holder): "process \(holder) uses it"
    }
  }

  private static func stopOnSignals() throws(CommandFailure) -> StopRequest {
    let request = StopRequest()
    try Signals.watch([SIGTERM, SIGINT]) { _ in request.make() }
    return request
  }

  /// Serves until told to stop; a leader then hands over first.
  private static func serve(
    _ directory: NodeDirectory,
    _ options: ServerOptions,
    _ credentials: ByzantineCredentials?,
    _ stop: StopRequest
  ) throws(ServerError) {
    do {
      let waker = try Waker()
      let orders = Mailbox<ServerOrder>(waking: waker)
      stop.hand { orders.post(.stop) }
      if let credentials {
        return try ByzantineServer(
          directory: directory,
          credentials: credentials,
          options: options,
          waker: waker,
          orders: orders
        ).run()
      }
      let server = try LockstepServer(
        directory: directory,
        options: options,
        waker: waker,
        orders: orders
      )
      try server.run()
    } catch {
      throw ServerError(unwrapping: error)
    }
  }
}
