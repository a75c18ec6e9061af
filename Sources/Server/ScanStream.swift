import ClientProtocol
import Transport
import Wire

/// A scan whose pages go out one by one, as the client gives credit.
struct ScanStream {
  let connection: Connection
  let requestID: UInt64
  var credit: Int
  /// The revision of the frozen state that all pages come from.
  let revision: UInt64
  /// Finds the next page; 0 after the last.
  var cursor: UInt64 = 0
}

extension ClientTraffic {
  /// A stream rests while its client has more than this to take.
  private static let restingBytes = 1 << 20

  /// Sends the first page; the rest follows turn by turn.
  func beginStream(_ stream: ScanStream, firstPage: [UInt8]) {
    var stream = stream
    sendPage(firstPage, of: &stream)
    if stream.cursor != 0 { streams.append(stream) }
  }

  /// Sends at most one page of each stream; true if one could go on at once.
  func pumpStreams() -> Bool {
    var canGoOn = false
    for index in streams.indices where isReady(streams[index]) {
      let query = Query(.next(cursor: streams[index].cursor)).encoded()
      sendPage(owner.continueScan(query), of: &streams[index])
      canGoOn = canGoOn || isReady(streams[index])
    }
    streams.removeAll { $0.cursor == 0 }
    return canGoOn
  }

  func addCredit(_ frames: Int, to requestID: UInt64, of connection: Connection) {
    for index in streams.indices
    where streams[index].requestID == requestID && streams[index].connection === connection {
      streams[index].credit = min(streams[index].credit + frames, Int(UInt16.max))
    }
  }

  /// Nobody wants the rest of a stream.
  func endStream(_ requestID: UInt64, of connection: Connection) {
    closeStreams { $0.requestID == requestID && $0.connection === connection }
  }

  /// The client is gone, and its frozen states with it.
  func endStreams(of connection: Connection) {
    closeStreams { $0.connection === connection }
  }

  private func closeStreams(where isOver: (ScanStream) -> Bool) {
    for stream in streams where isOver(stream) {
      _ = owner.continueScan(Query(.closeCursor(stream.cursor)).encoded())
    }
    streams.removeAll(where: isOver)
  }

  private func isReady(_ stream: ScanStream) -> Bool {
    stream.cursor != 0 && stream.credit > 0 && stream.connection.isOpen
      && stream.connection.pendingOutBytes < Self.restingBytes
  }

  private func sendPage(_ bytes: [UInt8], of stream: inout ScanStream) {
    stream.cursor = QueryReply.cursor(ofEncoded: bytes)
    stream.credit -= 1
    send(
      .result(bytes),
      to: stream.requestID,
      on: stream.connection,
      revision: stream.revision,
      more: stream.cursor != 0
    )
  }
}
