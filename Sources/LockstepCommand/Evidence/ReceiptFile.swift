import Accountability
import ClientProtocol
import Consensus
import Genesis
import LockstepClient
import PBFT
import Wire

/// A receipt on its way into a file.
struct ReceiptFile {
  /// A node may be behind those who answered the write.
  private static let triesMax = 20

  let path: String
  private let authority: Authority

  /// Prepares a file for a receipt of the cluster of a URL.
  init(_ path: String, url: String) throws(CommandFailure) {
    self.path = path
    let genesis: String?
    do {
      genesis = try ConnectionURL(parsing: url).genesis
    } catch {
      throw CommandFailure(error)
    }
    guard let genesis else {
      throw .usage(
        "--receipt: nodes of a cluster of mode raft sign nothing",
        hint: "give the URL of a cluster of mode bft"
      )
    }
    authority = try Genesis.authority(genesis).authority
  }

  /// Asks all nodes for what they sign of a write, and keeps what f+1 of them stand by.
  func fetch(_ write: WriteID?, from client: Client) async throws(CommandFailure) {
    guard let write else { throw missing }
    let key = RequestKey(kind: .write, session: write.session, sequence: write.sequence)
    var gathering = ReceiptGathering(of: key, by: authority)
    for _ in 0..<Self.triesMax {
      for part in await client.receiptParts(of: write) { gathering.add(part) }
      guard let receipt = gathering.receipt else {
        try? await Task.sleep(for: .milliseconds(50))
        continue
      }
      try TextFile.create(path, receipt.encoded())
      for evidence in gathering.convictions { try keep(evidence) }
      return
    }
    throw missing
  }

  /// A node whose word contradicts the receipt has signed its own conviction.
  private func keep(_ evidence: Evidence) throws(CommandFailure) {
    let file = "\(path).\(authority.id(of: evidence)).lsev"
    try TextFile.create(file, evidence.encoded())
    StandardStream.error.writeLine("evidence: \(file)")
  }

  private var missing: CommandFailure {
    CommandFailure(
      exitCode: .noAnswer,
      code: "no_receipt",
      message: "the write is done; too few nodes signed a receipt of it in time"
    )
  }
}
