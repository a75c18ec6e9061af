import Consensus

/// `lockstep genesis create`.
enum GenesisCommand {
  @MainActor
  static func create(_ invocation: Invocation) async throws(CommandFailure) {
    let seats = try NodeList.parse(invocation.text("nodes"))
    var generator = SystemRandomNumberGenerator()
    let genesis = Genesis.random(seats: seats) { generator.next() }
    let file = invocation.text("out")
    try TextFile.create(file, genesis.fileText)
    Output(invocation).printResult([
      JSONValue.Field("cluster", .text("\(genesis.cluster)")),
      JSONValue.Field("nodes", .integer(seats.count)),
      JSONValue.Field("file", .text(file)),
    ])
  }
}
