import ClientProtocol
import LockstepClient

/// `lockstep cluster status`, `cluster transfer-leader`, `outcome`.
@MainActor
enum ClusterCommands {
  static func status(_ invocation: Invocation) async throws(CommandFailure) {
    let status = try await Database.with(invocation) { db in
      try await db.cluster.status(timeout: Database.patience(invocation))
    }
    let rows = status.nodes.map { ClusterTable.fields(of: $0) }
    let output = Output(invocation)
    switch output.form {
    case .table:
      let isByzantine = status.nodes.contains { $0.figures?.byzantine != nil }
      let titles = isByzantine ? ClusterTable.byzantineTitles : ClusterTable.titles
      output.printList(rows, titles: titles)
    case .json, .ndjson:
      let leader = status.leader.map { JSONValue.integer(Int($0)) } ?? .null
      let nodes = JSONValue.list(rows.map(JSONValue.object))
      let fields = [JSONValue.Field("leader", leader), JSONValue.Field("nodes", nodes)]
      StandardStream.output.writeLine(JSONValue.object(fields).json)
    }
    guard status.leader == nil else { return }
    throw CommandFailure(.noLeader, "no node leads", hint: "look into the logs of the nodes")
  }

  static func transferLeader(_ invocation: Invocation) async throws(CommandFailure) {
    let word = invocation.argument(0)
    let node = if let word { try MemberCommands.number(word) } else { UInt32?.none }
    let leader = try await Database.with(invocation) { db in
      try await db.cluster.transferLeadership(to: node)
      return try await db.cluster.status().leader
    }
    Output(invocation).printResult([
      JSONValue.Field("leader", leader.map { .integer(Int($0)) } ?? .null)
    ])
  }

  static func outcome(_ invocation: Invocation) async throws(CommandFailure) {
    guard let session = UInt64(invocation[0]), let sequence = UInt64(invocation[1]) else {
      throw .usage("SESSION and SEQUENCE are numbers", hint: invocation.command.usage)
    }
    let outcome = try await Database.with(invocation) { db in
      try await db.outcome(of: WriteID(session: session, sequence: sequence))
    }
    var fields: [JSONValue.Field]
    switch outcome {
    case .applied(let revision):
      fields = [JSONValue.Field("outcome", .text("done"))]
      fields.append(JSONValue.Field("revision", .integer(Int(revision))))
    case .refused(let code):
      fields = [JSONValue.Field("outcome", .text("not_applied"))]
      fields.append(JSONValue.Field("code", .text(code.rawValue)))
    case .notApplied: fields = [JSONValue.Field("outcome", .text("not_applied"))]
    case .sessionExpired: fields = [JSONValue.Field("outcome", .text("session_expired"))]
    }
    Output(invocation).printResult(fields)
  }
}
