import Accountability
import ClientProtocol
import Consensus
import Crypto
import Genesis
import PBFT
import Storage
import Wire

/// `lockstep evidence verify` and `ls`: who broke the protocol, from a file and the keys alone.
enum EvidenceCommand {
  static let rows = [
    CommandRow(
      "evidence verify",
      "says whom a file of evidence proves guilty, without any cluster",
      arguments: [Argument("FILE", "evidence, as nodes keep it: ID.lsev")],
      flags: [genesisFlag],
      action: verify
    ).explained(
      [
        "It reads signed messages and the cluster's keys, and nothing else: everybody comes to the "
          + "same verdict. The exit status is 0 if somebody is proved guilty, 9 if nobody is and 2 "
          + "if the file is malformed. tools/verify-evidence is a second verifier in Python."
      ],
      examples: ["evidence verify 5c0f.lsev --genesis genesis.json"]
    ),
    CommandRow(
      "evidence ls",
      "lists the evidence that a node keeps, with verdicts if the genesis is known",
      arguments: [Argument("DIR", "a node's data directory, or its folder evidence")],
      flags: [Flag("genesis", .text("FILE"), "the cluster's genesis file, else DIR/genesis.json")],
      action: list
    ).explained(examples: ["evidence ls node1", "evidence ls node1 --genesis genesis.json"]),
  ]

  static let genesisFlag = Flag(
    "genesis",
    .text("FILE"),
    "the cluster's genesis file",
    isRequired: true
  )

  /// Bytes of a message that are printed; the file holds them all.
  private static let shownMax = 512
  private static let titles = ["id", "kind", "verdict", "culprit", "claim"]

  @MainActor
  static func verify(_ invocation: Invocation) async throws(CommandFailure) {
    let path = invocation[0]
    let (genesis, authority) = try Genesis.authority(invocation.text("genesis"))
    let evidence: Evidence = try ProofFile.read(path)
    let report = EvidenceReport(on: evidence, by: authority)
    Output(invocation).printResult(fields(of: report, genesis))
    if let flaw = report.flaw { throw ProofFile.unproven(path, flaw.words) }
  }

  private static func fields(
    of report: EvidenceReport,
    _ genesis: Genesis
  ) -> [JSONValue.Field] {
    var fields = head(of: report, genesis)
    if let flaw = report.flaw { fields.append(JSONValue.Field("reason", .text(flaw.words))) }
    for (number, difference) in report.differences.enumerated() {
      let text = "\(difference.field): \(difference.first) / \(difference.second)"
      fields.append(JSONValue.Field("differs_\(number + 1)", .text(text)))
    }
    for (number, message) in report.messages.enumerated() {
      fields.append(JSONValue.Field("message_\(number + 1)", .text(message.words)))
      fields.append(JSONValue.Field("bytes_\(number + 1)", .text(hexadecimal(message.bytes))))
    }
    return fields
  }

  private static func head(of report: EvidenceReport, _ genesis: Genesis?) -> [JSONValue.Field] {
    let culprit = report.culprit.map { culprit in genesis?.name(of: culprit) ?? "" }
    let verdict = report.culprit == nil ? "not proven" : "proven"
    return [
      JSONValue.Field("verdict", .text(verdict)),
      JSONValue.Field("id", .text("\(report.id)")),
      JSONValue.Field("kind", .text(report.code)),
      JSONValue.Field("culprit", .text(culprit ?? "nobody")),
      JSONValue.Field("claim", .text(report.claim)),
    ]
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = bytes.prefix(shownMax).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    let rest = bytes.count > shownMax ? "… (\(bytes.count) bytes)" : ""
    return digits.joined() + rest
  }

  @MainActor
  static func list(_ invocation: Invocation) async throws(CommandFailure) {
    let own = invocation[0] + "/genesis.json"
    var genesis = invocation.optional("genesis")
    if genesis == nil, try TextFile.read(own) != nil { genesis = own }
    var known: (genesis: Genesis, authority: Authority)?
    if let genesis { known = try Genesis.authority(genesis) }
    var rows: [[JSONValue.Field]] = []
    var unreadable: CommandFailure?
    for file in try files(in: invocation[0]) {
      do throws(CommandFailure) {
        rows.append(try row(of: file, known))
      } catch {
        unreadable = unreadable ?? error
        rows.append(row(ofUnreadable: file, error))
      }
    }
    Output(invocation).printList(rows, titles: titles)
    if let unreadable { throw unreadable }
  }

  private static func row(
    ofUnreadable file: String,
    _ failure: CommandFailure
  ) -> [JSONValue.Field] {
    let name = file.split(separator: "/").last ?? ""
    return [
      JSONValue.Field("id", .text("\(name.dropLast(5))")),
      JSONValue.Field("kind", .null),
      JSONValue.Field("verdict", .text("unreadable")),
      JSONValue.Field("culprit", .null),
      JSONValue.Field("claim", .text(failure.message)),
    ]
  }

  private static func row(
    of file: String,
    _ known: (genesis: Genesis, authority: Authority)?
  ) throws(CommandFailure) -> [JSONValue.Field] {
    let evidence: Evidence = try ProofFile.read(file)
    guard let known else {
      let id = SHA256Digester().digest(of: evidence.encoded(), domain: .evidence)
      return [
        JSONValue.Field("id", .text("\(id)")),
        JSONValue.Field("kind", .text(evidence.code)),
        JSONValue.Field("verdict", .text("not checked")),
        JSONValue.Field("culprit", .null),
        JSONValue.Field("claim", .text(evidence.claim)),
      ]
    }
    return head(of: EvidenceReport(on: evidence, by: known.authority), known.genesis)
  }

  /// The evidence of a folder, or of the folder `evidence` in it.
  private static func files(in folder: String) throws(CommandFailure) -> [String] {
    let names = try names(in: folder)
    guard names.contains("evidence") else { return paths(of: names, in: folder) }
    let inner = folder + "/evidence"
    return paths(of: try self.names(in: inner), in: inner)
  }

  private static func paths(of names: [String], in folder: String) -> [String] {
    names.filter { $0.hasSuffix(".lsev") }.sorted().map { "\(folder)/\($0)" }
  }

  private static func names(in folder: String) throws(CommandFailure) -> [String] {
    do {
      return try PosixDisk(path: folder, readOnly: true).list()
    } catch {
      throw .file(folder, ServerCommand.sentence(error))
    }
  }
}
