import Accountability
import ClientProtocol
import Consensus
import Genesis
import PBFT
import Storage
import Wire

/// `lockstep audit`: what a node's directory claims, checked anew from the keys of the genesis.
enum AuditCommand {
  static let rows = [
    CommandRow(
      "audit",
      "checks every signature of nodes' directories, applies their logs anew, compares states",
      arguments: [
        Argument("DIR", "data directories of nodes that are stopped; only read", .repeated)
      ],
      flags: [
        EvidenceCommand.genesisFlag,
        Flag("evidence", .text("DIR"), "keep what convicts somebody in this folder"),
      ],
      action: audit
    ).explained(
      [
        "Of each directory: clients' signatures, votes and certificates in all records, that what "
          + "is committed is one chain, and that applying it leads to each state that 2f+1 nodes "
          + "have vouched for. The exit status is 9 if anything is wrong, and 5 if nothing is and "
          + "of some directory nothing could be compared with what 2f+1 nodes vouch for. "
          + "A directory that cannot be read does not keep the others from being judged; if they "
          + "are well, it ends the command with an error.",
        "Directories that contradict each other prove who lied: two committed blocks at one place "
          + "convict f+1 nodes at least.",
      ],
      examples: [
        "audit node1 --genesis genesis.json", "audit node1 node2 --genesis genesis.json",
      ]
    )
  ]

  @MainActor
  static func audit(_ invocation: Invocation) async throws(CommandFailure) {
    let (genesis, authority) = try Genesis.authority(invocation.text("genesis"))
    var found = Findings(by: authority)
    var rows = ResultRows(invocation)
    for path in invocation.arguments {
      rows.add(look(at: path, genesis, authority, into: &found))
    }
    rows.finish()
    let convictions = found.all.convictions()
    for evidence in convictions {
      let report = EvidenceReport(on: evidence, by: authority)
      found.faults.append(
        "\(report.code): \(report.culprit.map(genesis.name) ?? "nobody"): \(report.claim)"
      )
    }
    guard let first = found.faults.first else { return try refuse(found) }
    for failure in found.unreadable {
      StandardStream.error.writeLine("unreadable: \(failure.message)")
    }
    for fault in found.faults { StandardStream.error.writeLine("fault: \(fault)") }
    if let folder = invocation.optional("evidence") {
      for failure in keep(convictions, in: folder, authority) {
        for line in failure.lines { StandardStream.error.writeLine(line) }
      }
    }
    let more = found.faults.count == 1 ? "" : ", and \(found.faults.count - 1) more"
    throw CommandFailure(exitCode: .checkFailed, code: "audit_failed", message: first + more)
  }

  /// Keeps what convicts somebody, each under its digest; what cannot be kept changes no verdict.
  ///
  /// - Returns: What could not be kept, and why.
  static func keep(
    _ convictions: [Evidence],
    in folder: String,
    _ authority: Authority
  ) -> [CommandFailure] {
    do throws(CommandFailure) {
      _ = try ServerCommand.disk(folder, creating: true)
    } catch {
      return [error]
    }
    return convictions.compactMap { evidence in
      let path = "\(folder)/\(EvidenceReport(on: evidence, by: authority).id).lsev"
      do throws(CommandFailure) {
        let bytes = evidence.encoded()
        let present = try TextFile.readIfPresent(path, max: ProofFile.sizeMax)
        if present != bytes { try TextFile.create(path, bytes) }
        return nil
      } catch {
        return error
      }
    }
  }

  /// What was found in all directories together.
  private struct Findings {
    var all: ChainAudit
    var faults: [String] = []
    var unproven: [String] = []
    var unreadable: [CommandFailure] = []

    init(by authority: Authority) {
      all = ChainAudit(by: authority)
    }
  }

  /// Audits one directory and returns its row.
  ///
  /// One that cannot be read is only that: a liar that spoils its own must not hide what others
  /// have done, nor what it has done itself as others tell it.
  private static func look(
    at path: String,
    _ genesis: Genesis,
    _ authority: Authority,
    into found: inout Findings
  ) -> [JSONValue.Field] {
    do throws(CommandFailure) {
      let audit = try directory(path, genesis, authority)
      found.all.join(audit.chainAudit)
      found.faults += audit.problems.map { "\(path): \($0)" }
      if audit.verdict == .unproven { found.unproven.append(path) }
      return fields(of: audit, path)
    } catch {
      found.unreadable.append(error)
      return [
        JSONValue.Field("directory", .text(path)),
        JSONValue.Field("verdict", .text("unreadable")),
        JSONValue.Field("reason", .text(error.message)),
      ]
    }
  }

  private static func refuse(_ found: Findings) throws(CommandFailure) {
    if let failure = found.unreadable.first { throw failure }
    guard let first = found.unproven.first else { return }
    throw CommandFailure(
      exitCode: .noAnswer,
      code: "audit_unproven",
      message: "\(first): nothing in it could be compared with what 2f+1 nodes vouch for"
    )
  }

  private static func directory(
    _ path: String,
    _ genesis: Genesis,
    _ authority: Authority
  ) throws(CommandFailure) -> DirectoryAudit {
    do {
      return try DirectoryAudit(
        of: PosixDisk(path: path, readOnly: true),
        configuration: genesis.configuration,
        authority: authority
      )
    } catch {
      throw CommandFailure(unwrapping: error, at: path)
    }
  }

  private static func fields(of audit: DirectoryAudit, _ path: String) -> [JSONValue.Field] {
    let counts = audit.chainAudit.counts
    let equal = audit.checks.count { $0.found == $0.vouched }
    return [
      JSONValue.Field("directory", .text(path)),
      JSONValue.Field("verdict", .text(audit.verdict.rawValue)),
      JSONValue.Field("records", .integer(counts.records)),
      JSONValue.Field("blocks", .integer(counts.blocks)),
      JSONValue.Field("envelopes", .integer(counts.envelopes)),
      JSONValue.Field("certificates", .integer(counts.certificates)),
      JSONValue.Field("chain_from", place(audit.chain.first)),
      JSONValue.Field("chain_through", place(audit.chain.last)),
      JSONValue.Field("snapshot", audit.snapshotIndex.map { .whole($0.rawValue) } ?? .null),
      JSONValue.Field("applied_through", .whole(audit.appliedThrough.rawValue)),
      JSONValue.Field("states_compared", .integer(audit.checks.count)),
      JSONValue.Field("states_equal", .integer(equal)),
      JSONValue.Field("not_applied", audit.obstacle.map { .text($0) } ?? .null),
    ]
  }

  private static func place(_ block: Block?) -> JSONValue {
    .whole(block?.header.sequenceNumber.rawValue ?? 0)
  }
}
