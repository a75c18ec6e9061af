import ClientProtocol
import Transport
import Wire

/// A scan whose pages go out one by one, as the client gives credit.
final class ScanStream {
  let client: ClientState
  let requestID: UInt64
  /// The revision of the frozen state that all pages come from.
  let revision: UInt64
  /// When the frozen state is no longer held.
  var deadline: UInt64
  var credit: Int
  /// Finds the next page; 0 after the last.
  var cursor: UInt64 = 0

  init(client: ClientState, requestID: UInt64, revision: UInt64, deadline: UInt64, credit: Int) {
    self.client = client
    self.requestID = requestID
    self.revision = revision
    self.deadline = deadline
    self.credit = credit
  }
}

extension ClientTraffic {
  /// A stream rests while its client has more than this to take.
  private static let restingBytes = 1 << 20

  /// Sends the first page; the rest follows turn by turn.
  func beginStream(_ stream: ScanStream, firstPage: [UInt8]) {
    sendPage(firstPage, of: stream)
    if stream.cursor == 0 {
      streamEnded(of: stream.client)
    } else if stream.client.connection.isOpen {
      streams.append(stream)
      stream.client.streams.append(stream)
    } else {
      close(cursor: stream.cursor)
    }
  }

  /// Sends at most one page of each stream; true if one could go on at once.
  func pumpStreams() -> Bool {
    guard !streams.isEmpty else { return false }
    var canGoOn = false
    for stream in streams where isReady(stream) {
      sendPage(owner.continueScan(Query(.next(cursor: stream.cursor)).encoded()), of: stream)
      if stream.cursor == 0 { ended(stream) }
      canGoOn = canGoOn || isReady(stream)
    }
    streams.removeAll { $0.cursor == 0 }
    return canGoOn
  }

  func addCredit(_ frames: Int, to requestID: UInt64, of client: ClientState) {
    for stream in client.streams where stream.requestID == requestID {
      stream.credit = min(stream.credit + frames, Int(UInt16.max))
    }
  }

  /// Nobody wants the rest of a stream.
  func endStream(_ requestID: UInt64, of client: ClientState) {
    for stream in client.streams where stream.requestID == requestID { end(stream) }
  }

  /// The client is gone, and its frozen states with it.
  func endStreams(of client: ClientState) {
    for stream in client.streams { end(stream) }
  }

  /// Whoever gave no credit until the frozen state was let go is told so.
  func endOverdueStreams(at now: UInt64) {
    for stream in streams where stream.cursor != 0 && now >= stream.deadline {
      end(stream)
      port.refuse(
        .cursorExpired,
        "the scan's state is no longer held; begin it again",
        to: stream.requestID,
        of: stream.client
      )
    }
  }

  /// The state is in doubt, and so is what was frozen of it.
  func endStreams(because refused: ClientProtocol.Reply.Refused) {
    for stream in streams where stream.cursor != 0 {
      end(stream)
      port.refuse(refused.code, refused.message, to: stream.requestID, of: stream.client)
    }
  }

  /// Lets go of a frozen state.
  func close(cursor: UInt64) {
    _ = owner.continueScan(Query(.closeCursor(cursor)).encoded())
  }

  /// Whoever is gone has no streams any more.
  func streamEnded(of client: ClientState) {
    guard client.streamsCount > 0 else { return }
    client.streamsCount -= 1
    streamsCount -= 1
  }

  /// The next pump takes it off the list, which may be in use just now.
  private func end(_ stream: ScanStream) {
    guard stream.cursor != 0 else { return }
    close(cursor: stream.cursor)
    stream.cursor = 0
    ended(stream)
  }

  private func ended(_ stream: ScanStream) {
    stream.client.streams.removeAll { $0 === stream }
    streamEnded(of: stream.client)
  }

  private func isReady(_ stream: ScanStream) -> Bool {
    stream.cursor != 0 && stream.credit > 0 && stream.client.connection.isOpen
      && stream.client.connection.pendingOutBytes < Self.restingBytes
  }

  private func sendPage(_ bytes: [UInt8], of stream: ScanStream) {
    stream.cursor = QueryReply.cursor(ofEncoded: bytes)
    if QueryReply.isPiece(encoded: bytes) {
      stream.deadline = loop.turnStart + Limits.cursorLifeMicroseconds
    }
    stream.credit -= 1
    port.send(
      .result(bytes),
      to: stream.requestID,
      of: stream.client,
      revision: stream.revision,
      more: stream.cursor != 0
    )
  }
}
