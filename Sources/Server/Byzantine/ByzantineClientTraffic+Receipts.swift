import ClientProtocol
import Consensus
import Transport
import Wire

/// A receipt that a connection has asked for.
struct ReceiptWish: Sendable {
  let key: RequestKey
  let requestID: UInt64
  let connection: ConnectionID
}

// A receipt costs a signature and digests of the request and its result, and whoever asks pays 36
// bytes: a few are signed per turn, of all connections in turn.
extension ByzantineClientTraffic {
  /// The most receipts of one connection that wait; for more it has to ask again.
  static let receiptsWaitingMax = 64
  /// The most that are signed in one turn: less than a millisecond's work.
  private static let receiptsPerTurn = 16
  /// The bytes of receipts after which a turn signs no more.
  private static let receiptsSizePerTurn = 256 << 10

  func askForReceipt(
    _ frame: FrameView,
    in bytes: [UInt8],
    of client: ByzantineClient
  ) throws(WireError) {
    var reader = ByteReader(bytes, frame.payload)
    let key = RequestKey(kind: .write, session: try reader.read(), sequence: try reader.read())
    try reader.expectEnd()
    let (connection, requestID) = (client.state.connection.id, frame.head.requestID)
    guard receipts.count(of: connection) < Self.receiptsWaitingMax else {
      return refuseMore(requestID, of: client.state)
    }
    let wish = ReceiptWish(key: key, requestID: requestID, connection: connection)
    receipts.append(wish, of: connection)
  }

  /// Gives some of those who wait their receipt.
  func answerReceipts() {
    var size = 0
    for _ in 0..<Self.receiptsPerTurn where size < Self.receiptsSizePerTurn {
      guard let wish = receipts.popFirst() else { return }
      guard let client = clients[wish.connection] else { continue }
      guard port.hasOutRoom(for: client.state) else {
        refuseMore(wish.requestID, of: client.state)
        continue
      }
      let receipt = owner.receipt(for: wish.key, of: client)
      size += receipt?.count ?? 0
      let body = receipt.map(Reply.Body.result) ?? .error(.forgotten)
      port.send(body, to: wish.requestID, of: client.state)
    }
  }
}
