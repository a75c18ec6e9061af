import Consensus
import Crypto
import Genesis

/// `lockstep genesis create`.
enum GenesisCommand {
  @MainActor
  static func create(_ invocation: Invocation) async throws(CommandFailure) {
    let seats = try NodeList.parse(invocation.text("nodes"))
    var generator = SystemRandomNumberGenerator()
    var genesis = Genesis.random(seats: seats) { generator.next() }
    let file = invocation.text("out")
    var result = [
      JSONValue.Field("cluster", .text("\(genesis.cluster)")),
      JSONValue.Field("nodes", .integer(seats.count)),
      JSONValue.Field("file", .text(file)),
    ]
    // Before any key is made: keys without their file are of no use to anybody.
    let new = try NewFile(file)
    var folder: KeyFolder?
    if invocation.text("mode") == "bft" {
      let keys = KeyFolder(path: invocation.optional("keys") ?? file + ".keys")
      genesis.keys = try makeKeys(for: genesis, in: keys, invocation)
      folder = keys
      result.append(JSONValue.Field("keys", .text(keys.path)))
      let digest = SHA256Digester().digest(of: Array(genesis.fileText.utf8), domain: .genesis)
      result.append(JSONValue.Field("digest", .text("\(digest)")))
    } else if let flag = ["keys", "clients"].first(where: { invocation.optional($0) != nil }) {
      throw .usage("--\(flag) is of mode bft only", hint: "add --mode bft")
    }
    do {
      try new.write(Array(genesis.fileText.utf8))
    } catch {
      folder?.remove()
      throw error
    }
    Output(invocation).printResult(result)
  }

  private static func makeKeys(
    for genesis: Genesis,
    in folder: KeyFolder,
    _ invocation: Invocation
  ) throws(CommandFailure) -> GenesisKeys {
    let nodes = genesis.configuration.seats.map(\.member.id)
    if let objection = GenesisKeys.objection(toMembers: nodes.count) {
      throw .usage("--nodes: \(objection)")
    }
    return try folder.create(
      nodes: nodes,
      clientsCount: invocation.optionalInteger("clients") ?? 1
    )
  }
}
