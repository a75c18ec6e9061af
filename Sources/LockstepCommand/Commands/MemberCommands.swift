import ClientProtocol
import LockstepClient
import Transport

/// `lockstep cluster member …`.
@MainActor
enum MemberCommands {
  static func list(_ invocation: Invocation) async throws(CommandFailure) {
    let status = try await Database.with(invocation) { db in
      try await db.cluster.status(timeout: Database.patience(invocation))
    }
    let rows = status.nodes.map(ClusterTable.memberFields)
    let output = Output(invocation)
    switch output.form {
    case .table: output.printList(rows, titles: ClusterTable.memberTitles)
    case .json, .ndjson:
      let members = JSONValue.list(rows.map(JSONValue.object))
      let fields = [
        JSONValue.Field("cluster", .text(status.cluster)), JSONValue.Field("members", members),
      ]
      StandardStream.output.writeLine(JSONValue.object(fields).json)
    }
  }

  static func add(_ invocation: Invocation) async throws(CommandFailure) {
    var node = try newNode(invocation, firstArgument: 0)
    node.isHeld = invocation.toggle("held")
    try await change(invocation, node.id) { [node] db in try await db.cluster.add(node) }
  }

  static func replace(_ invocation: Invocation) async throws(CommandFailure) {
    var node = try newNode(invocation, firstArgument: 1)
    node.replaces = try number(invocation[0])
    node.isHeld = invocation.toggle("held")
    try await change(invocation, node.id) { [node] db in try await db.cluster.add(node) }
  }

  static func promote(_ invocation: Invocation) async throws(CommandFailure) {
    let id = try number(invocation[0])
    try await change(invocation, id) { db in try await db.cluster.promote(id) }
  }

  static func remove(_ invocation: Invocation) async throws(CommandFailure) {
    let id = try number(invocation[0])
    try await change(invocation, id, isRemoval: true) { db in try await db.cluster.remove(id) }
  }

  static func cancel(_ invocation: Invocation) async throws(CommandFailure) {
    let id = try number(invocation[0])
    try await change(invocation, id, isRemoval: true) { db in try await db.cluster.cancel(id) }
  }

  static func update(_ invocation: Invocation) async throws(CommandFailure) {
    let id = try number(invocation[0])
    let places = try NodeList.places(invocation[1], "'\(invocation[1])'")
    try await change(invocation, id) { db in
      try await db.cluster.update(
        id,
        address: places.client.description,
        peerAddress: places.peer.description
      )
    }
  }

  /// Why nobody joins or leaves there.
  static let fixedMembers =
    "members of a cluster of mode bft are those of its genesis file for good"

  /// `HOST:PORT/PEERPORT`, as `add` takes it.
  static func place(of node: NewNode) -> String {
    let peerPort = node.peerAddress.split(separator: ":").last.map(String.init) ?? ""
    return "\(node.address)/\(peerPort)"
  }

  /// Carries a change out and shows what the members are then, as far as somebody says so.
  private static func change(
    _ invocation: Invocation,
    _ id: UInt32,
    isRemoval: Bool = false,
    _ body: @escaping @MainActor (Client) async throws -> Void
  ) async throws(CommandFailure) {
    let status: ClusterStatus
    do throws(CommandFailure) {
      status = try await Database.with(invocation) { db in
        try await body(db)
        return try await db.cluster.status(timeout: Database.patience(invocation))
      }
    } catch {
      var failure = error
      if error.code == ErrorCode.wrongMode.rawValue {
        failure.hint = fixedMembers
      }
      throw failure
    }
    Output(invocation).printResult([
      JSONValue.Field("node", .integer(Int(id))),
      JSONValue.Field("seat", seat(of: id, in: status, isRemoval: isRemoval)),
    ])
  }

  static func seat(of id: UInt32, in status: ClusterStatus, isRemoval: Bool) -> JSONValue {
    if let seat = status.nodes.first(where: { $0.id == id })?.seat { return .text(seat) }
    let isKnown = status.nodes.contains { $0.seat != nil }
    return isRemoval && isKnown ? .text("removed") : .null
  }

  private static func newNode(
    _ invocation: Invocation,
    firstArgument first: Int
  ) throws(CommandFailure) -> NewNode {
    let digits = invocation.text("incarnation")
    guard digits.utf8.count == 16, let incarnation = UInt64(digits, radix: 16), incarnation > 0
    else {
      throw .usage(
        "--incarnation: '\(digits)' is not the 16 hexadecimal digits of a data directory",
        hint: "lockstep server init --join URL makes the directory and shows them"
      )
    }
    let text = invocation[first + 1]
    let places = try NodeList.places(text, "'\(text)'")
    return NewNode(
      id: try number(invocation[first]),
      incarnation: incarnation,
      address: places.client.description,
      peerAddress: places.peer.description
    )
  }

  static func number(_ word: String) throws(CommandFailure) -> UInt32 {
    let digits = word.hasPrefix("n") ? String(word.dropFirst()) : word
    guard let number = UInt32(digits), number > 0 else {
      throw .usage("'\(word)' is no node's number", hint: "lockstep cluster member ls")
    }
    return number
  }
}
