import Accountability
import ClientProtocol
import Consensus
import Genesis
import PBFT

/// `lockstep receipt verify`: what a client was promised, from its file and the keys alone.
enum ReceiptCommand {
  static let rows = [
    CommandRow(
      "receipt verify",
      "says whether f+1 nodes stand by what a client was answered, without any cluster",
      arguments: [Argument("FILE", "a receipt, as a client keeps it")],
      flags: [EvidenceCommand.genesisFlag],
      action: verify
    ).explained(
      [
        "One of any f+1 nodes is honest. The exit status is 0 if they stand by it, 9 if they do "
          + "not and 2 if the file is malformed. tools/verify-evidence takes a file for a "
          + "receipt, too, if its name ends in .receipt."
      ],
      examples: ["receipt verify put.receipt --genesis genesis.json"]
    )
  ]

  @MainActor
  static func verify(_ invocation: Invocation) async throws(CommandFailure) {
    let path = invocation[0]
    let (genesis, authority) = try Genesis.authority(invocation.text("genesis"))
    let receipt: Receipt = try ProofFile.read(path)
    let flaw = authority.flaw(in: receipt)
    let nodes = receipt.words.map { genesis.name(of: $0.replica) }
    var fields = [
      JSONValue.Field("verdict", .text(flaw == nil ? "proven" : "not proven")),
      JSONValue.Field("said_by", .text(nodes.joined(separator: "; "))),
    ]
    if let fact = receipt.words.first?.fact {
      fields += [
        JSONValue.Field("client", .text(genesis.name(of: fact.client))),
        JSONValue.Field("session", .text("\(receipt.request.session)")),
        JSONValue.Field("sequence", .text("\(receipt.request.sequence)")),
        JSONValue.Field("index", .text("\(fact.index.rawValue)")),
        JSONValue.Field("block", .text("\(fact.digest)")),
        JSONValue.Field("place", .text("\(fact.sequenceNumber.rawValue)")),
      ]
    }
    Output(invocation).printResult(fields)
    if let flaw { throw ProofFile.unproven(path, flaw.words) }
  }
}
