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
  /// What a page counts for besides its bytes: the smallest has to be found, too.
  private static let pageOverhead = 1 << 10

  /// The streams of all clients.
  var streams: [ScanStream] { streamers.flatMap(\.streams) }

  /// Sends the first page; the rest follows turn by turn.
  func beginStream(_ stream: ScanStream, firstPage: [UInt8]) {
    sendPage(firstPage, of: stream)
    if stream.cursor == 0 {
      streamEnded(of: stream.client)
    } else if stream.client.connection.isOpen {
      stream.client.streams.append(stream)
      guard !stream.client.isStreaming else { return }
      stream.client.isStreaming = true
      streamers.append(stream.client)
    } else {
      close(cursor: stream.cursor)
    }
  }

  /// Sends pages, of one client after the other, as many as a turn may; true if more could go out
  /// at once.
  func pumpStreams() -> Bool {
    streamers.removeAll { client in
      client.isStreaming = !client.streams.isEmpty
      return !client.isStreaming
    }
    var (size, place, restingCount) = (0, 0, 0)
    while restingCount < streamers.count, size < limits.pagesSizeMax {
      if let stream = takeReady(of: streamers[place]) {
        size += sendNext(of: stream) + Self.pageOverhead
        restingCount = 0
      } else {
        restingCount += 1
      }
      place = (place + 1) % streamers.count
    }
    // Whoever comes next begins the next turn.
    streamers = Array(streamers[place...] + streamers[..<place])
    return restingCount < streamers.count
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
    for stream in streams where now >= stream.deadline {
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
  func endStreams(because refused: Reply.Refused) {
    for stream in streams {
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

  /// A stream of a client that could go on, each in its turn.
  private func takeReady(of client: ClientState) -> ScanStream? {
    let untaken = client.connection.pendingOutBytes
    // A quarter is for other answers, whatever the takers of pages leave untaken, and another one
    // for those who have taken everything: they do not wait for those who have not.
    let room = limits.outSizeMax / 4 * (untaken == 0 ? 3 : 2)
    guard client.connection.isOpen, untaken < Self.restingBytes, port.outBytes <= room,
      let place = client.streams.firstIndex(where: { $0.credit > 0 })
    else { return nil }
    let stream = client.streams.remove(at: place)
    client.streams.append(stream)
    return stream
  }

  /// Returns how many bytes the page has.
  private func sendNext(of stream: ScanStream) -> Int {
    let page = owner.continueScan(Query(.next(cursor: stream.cursor)).encoded())
    sendPage(page, of: stream)
    if stream.cursor == 0 { ended(stream) }
    return page.count
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
