import ClientProtocol
import Consensus
import Genesis
import LockstepClient
import PBFT
import Wire

/// A receipt on its way into a file.
struct ReceiptFile {
  /// A node may be behind those who answered the write.
  private static let patience = Duration.seconds(2)

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
    let receipt: WriteReceipt
    do {
      receipt = try await client.receipt(of: write, timeout: Self.patience)
    } catch {
      throw missing
    }
    try TextFile.create(path, receipt.bytes)
    for bytes in receipt.convictions { try keep(bytes) }
  }

  /// A node whose word contradicts the receipt has signed its own conviction.
  private func keep(_ bytes: [UInt8]) throws(CommandFailure) {
    let file = "\(path).\(authority.digester.digest(of: bytes, domain: .evidence)).lsev"
    try TextFile.create(file, bytes)
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
