import ClientProtocol
import Transport

/// Scans that a client goes on with by one query after the other, without a stream.
struct PagedScans {
  private struct Scan {
    let cursor: UInt64
    /// When the frozen state is no longer held.
    let deadline: UInt64
  }

  private var scans: [Scan] = []

  var count: Int { scans.count }
  var cursors: [UInt64] { scans.map(\.cursor) }

  mutating func add(_ cursor: UInt64, until deadline: UInt64) {
    scans.append(Scan(cursor: cursor, deadline: deadline))
  }

  /// Forgets a scan; returns how long it would have been held.
  mutating func remove(_ cursor: UInt64) -> UInt64? {
    guard let place = scans.firstIndex(where: { $0.cursor == cursor }) else { return nil }
    return scans.remove(at: place).deadline
  }

  /// Forgets those that are no longer held.
  mutating func expire(at now: UInt64) {
    scans.removeAll { now >= $0.deadline }
  }
}

extension ClientTraffic {
  /// Why a client may not begin another scan, if so: the store has places for so many in all.
  func objectionToScan(of client: ClientState) -> String? {
    let count = client.streamsCount + client.scans.count + client.beginningsCount
    if count >= limits.streamsPerConnectionMax {
      return "\(count) scans of this connection are open, or wait to be begun"
    }
    let total = streamsCount + scansCount + tokens.beginningsCount
    return total < limits.streamsMax
      ? nil : "\(total) scans at this node are open, or wait to be begun"
  }

  /// Takes note of what the answer to a read holds.
  ///
  /// - Returns: Why the client may not begin a scan, if so.
  func note(_ answer: [UInt8], after asked: UInt64, of client: ClientState) -> String? {
    let cursor = QueryReply.cursor(ofEncoded: answer)
    guard asked != 0 || cursor != 0 else { return nil }
    let end = loop.turnStart + Limits.cursorLifeMicroseconds
    if asked == 0 { expireScans(of: client, at: loop.turnStart) }
    if asked == 0, let objection = objectionToScan(of: client) { return objection }
    change(client) { scans in
      let held = scans.remove(asked) ?? end
      guard cursor != 0 else { return }
      scans.add(cursor, until: QueryReply.isPiece(encoded: answer) ? end : held)
    }
    return nil
  }

  /// A scan has ended without a word of it to the client.
  func forgetScan(_ cursor: UInt64, of client: ClientState) {
    guard cursor != 0 else { return }
    change(client) { _ = $0.remove(cursor) }
  }

  func expireScans(of client: ClientState, at now: UInt64) {
    if client.scans.count > 0 { change(client) { $0.expire(at: now) } }
  }

  /// The client is gone, and the frozen states of its scans with it.
  func endScans(of client: ClientState) {
    for cursor in client.scans.cursors { close(cursor: cursor) }
    change(client) { $0 = PagedScans() }
  }

  private func change(_ client: ClientState, _ body: (inout PagedScans) -> Void) {
    scansCount -= client.scans.count
    body(&client.scans)
    scansCount += client.scans.count
  }
}
