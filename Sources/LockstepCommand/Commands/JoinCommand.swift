import ClientProtocol
import Consensus
import Genesis
import LockstepByzantineClient
import LockstepClient
import Server
import Transport

/// `lockstep server init --join`: a directory for a node that a cluster takes in.
@MainActor
enum JoinCommand {
  static func join(_ invocation: Invocation) async throws(CommandFailure) {
    let seat = try newSeat(invocation)
    let url = invocation.text("join")
    try refuseVerifying(url)
    try ServerCommand.refuse(["key"], of: "genesis", invocation)
    let replaced = invocation.optionalInteger("replace").map(UInt32.init)
    let cluster = try await cluster(at: url, joining: seat.member.id.rawValue, replaced)
    let data = invocation.text("data")
    try create(data, cluster, seat)
    var node = NewNode(
      id: seat.member.id.rawValue,
      incarnation: seat.member.incarnation.rawValue,
      address: seat.clientAddress,
      peerAddress: seat.peerAddress
    )
    node.isHeld = invocation.toggle("held")
    node.replaces = replaced
    do throws(CommandFailure) {
      try await add(node, at: url)
    } catch {
      var failure = error
      failure.hint = "\(data) is ready; \(hint(node, at: url, mayBeKnown: error.isOutcomeUnknown))"
      throw failure
    }
    Output(invocation).printResult([
      JSONValue.Field("cluster", .text("\(cluster)")),
      JSONValue.Field("node", .integer(Int(node.id))),
      JSONValue.Field("incarnation", .text(Genesis.hexadecimal(node.incarnation))),
      JSONValue.Field("data", .text(data)),
    ])
  }

  /// What makes the node a member; whether it is one already may have to be asked first.
  static func hint(_ node: NewNode, at url: String, mayBeKnown: Bool) -> String {
    let place = node.replaces.map { "replace \($0)" } ?? "add"
    let command =
      "lockstep cluster member \(place) \(node.id) \(MemberCommands.place(of: node)) "
      + "--incarnation \(Genesis.hexadecimal(node.incarnation))"
      + "\(node.isHeld ? " --held" : "") --url \(quoted(url))"
    guard mayBeKnown else { return "the cluster does not know it yet: \(command)" }
    return "lockstep cluster member ls --url \(quoted(url)) shows whether the cluster knows it; "
      + "if not: \(command)"
  }

  /// A word as a shell takes it whole.
  private static func quoted(_ word: String) -> String {
    let isPlain = word.allSatisfy { sign in
      sign.isASCII && (sign.isLetter || sign.isNumber || "/:.,-_".contains(sign))
    }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  /// Nobody joins a cluster of mode bft, and it would say so only once a directory is made.
  private static func refuseVerifying(_ url: String) throws(CommandFailure) {
    guard try isVerifying(url) else { return }
    throw .usage(
      "--join: \(MemberCommands.fixedMembers)",
      hint: "lockstep server init --genesis FILE --key FILE --id N --data DIR"
    )
  }

  private static func isVerifying(_ text: String) throws(CommandFailure) -> Bool {
    do throws(LockstepError) {
      let url = try ConnectionURL(parsing: text)
      guard url.key == nil else { return true }
      let mode = try LockstepByzantineClient.ByzantineCredentials.mode(of: url)
      if case .bft = mode { return true }
      return false
    } catch {
      throw CommandFailure(error)
    }
  }

  private static func newSeat(
    _ invocation: Invocation
  ) throws(CommandFailure) -> ClusterConfiguration.Seat {
    guard invocation.optional("genesis") == nil else {
      throw .usage("--genesis is for a new cluster, --join for one that runs: give one of them")
    }
    guard let text = invocation.optional("listen") else {
      throw .usage(
        "--join needs --listen: where clients, and on the next port members, reach this node",
        hint: "--listen 10.0.0.4:7301"
      )
    }
    let places = try NodeList.places(text, "--listen: '\(text)'")
    var generator = SystemRandomNumberGenerator()
    return ClusterConfiguration.Seat(
      member: Member(
        id: NodeID(UInt32(invocation.integer("id"))),
        // 0 stands for nobody.
        incarnation: Incarnation(max(1, generator.next()))
      ),
      clientAddress: places.client.description,
      peerAddress: places.peer.description
    )
  }

  /// Asked before anything is made: a wrong URL or number leaves nothing behind.
  private static func cluster(
    at url: String,
    joining id: UInt32,
    _ replaced: UInt32?
  ) async throws(CommandFailure) -> ClusterID {
    let status = try await Database.with(url) { db in
      try await db.cluster.status()
    }
    let digits = status.cluster
    guard digits.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
      let low = UInt64(digits.suffix(16), radix: 16)
    else { throw CommandFailure(.noLeader, "no node of \(url) answers", hint: nil) }
    let ids = status.nodes.filter { $0.seat != nil }.map(\.id)
    guard !ids.contains(id) || replaced == id else {
      throw CommandFailure(
        .memberExists,
        "node \(id) is a member already",
        hint: "choose another number, or --replace \(id) if that node has lost its disk"
      )
    }
    if let replaced, !ids.contains(replaced) {
      throw CommandFailure(
        .memberUnknown,
        "there is no node \(replaced) to replace",
        hint: "lockstep cluster member ls --url \(quoted(url))"
      )
    }
    return ClusterID(high: high, low: low)
  }

  private static func create(
    _ data: String,
    _ cluster: ClusterID,
    _ seat: ClusterConfiguration.Seat
  ) throws(CommandFailure) {
    try ServerCommand.making(data) { disk throws(NodeDirectoryError) in
      try NodeDirectory.createJoiner(on: disk, cluster: cluster, seat: seat)
    }
  }

  private static func add(_ node: NewNode, at url: String) async throws(CommandFailure) {
    try await Database.with(url) { db in
      try await db.cluster.add(node)
    }
  }
}
