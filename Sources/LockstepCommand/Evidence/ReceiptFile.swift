import ClientProtocol
import Consensus
import Genesis
import LockstepClient
import PBFT
import Wire

/// A receipt on its way into a file, which is made before anything is written to the cluster.
struct ReceiptFile {
  /// A node may be behind those who answered the write.
  private static let patience = Duration.seconds(2)

  private let file: NewFile
  private let authority: Authority

  /// Makes a file for a receipt of the cluster of a URL.
  init(_ path: String, url: String) throws(CommandFailure) {
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
    file = try NewFile(path)
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
    do throws(CommandFailure) {
      try file.write(receipt.bytes)
    } catch {
      var failure = error
      failure.message = "the write is done; its receipt is not kept: \(error.message)"
      throw failure
    }
    for bytes in receipt.convictions { try keep(bytes) }
  }

  /// A node whose word contradicts the receipt has signed its own conviction.
  private func keep(_ bytes: [UInt8]) throws(CommandFailure) {
    let id = authority.digester.digest(of: bytes, domain: .evidence)
    let evidence = "\(file.path).\(id).lsev"
    try TextFile.create(evidence, bytes)
    StandardStream.error.writeLine("evidence: \(evidence)")
  }

  private var missing: CommandFailure {
    CommandFailure(
      exitCode: .noAnswer,
      code: "no_receipt",
      message: "the write is done; too few nodes signed a receipt of it in time"
    )
  }
}
