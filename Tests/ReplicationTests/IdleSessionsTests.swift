import Consensus
import XCTest

@testable import Replication

/// Which sessions end, against a plain list that is looked through each time.
final class IdleSessionsTests: XCTestCase {
  func test_sessions_whenUsedAtRandom_endAsInAPlainList() {
    for seed in 1...60 as ClosedRange<UInt64> {
      check(seed, clients: seed % 2 == 0 ? [1, 2, 3] : [])
    }
  }

  func test_queue_whenSessionsComeAndGo_keepsFewThatAreGone() throws {
    var (queue, table) = (IdleQueue(), SessionTable())
    for id in 1...5_000 as ClosedRange<UInt64> {
      let session = Session(id: id, nonce: id, lastUseMicroseconds: id)
      table.append(session)
      queue.add(session, in: table)
      // The idlest stays, so that what is gone never comes to the front.
      guard id > 3 else { continue }
      table.remove(at: try XCTUnwrap(table.find(id)))
      queue.noteEnd()
    }

    XCTAssertEqual(queue.count, 3)
    XCTAssertLessThanOrEqual(queue.size, 3 * 2 + 65)
    XCTAssertEqual(queue.first(in: table).map { table[$0].id }, 1)
  }

  /// Registrations, uses and ends at random, while log time goes on by small steps and large ones.
  private func check(_ seed: UInt64, clients: [UInt16]) {
    var random = RandomSource(seed: seed)
    let (max, timeout) = (UInt32(4 + random.number(below: 30)), 150_000_000 as UInt64)
    var (sessions, plain) = (ClientSessions(), PlainSessions(max: Int(max), timeout: timeout))
    sessions.configure(
      ClusterConfiguration(seats: [], sessionTimeoutMicroseconds: timeout, sessionsMax: max)
    )
    var now: UInt64 = 0
    for index in 1...600 as ClosedRange<UInt64> {
      now += UInt64(random.number(below: random.oneIn(20) ? 100_000_000 : 3_000_000))
      sessions.expire(at: now)
      plain.expire(at: now)
      let client = clients.isEmpty ? nil : ClientNumber(clients[random.number(below: 3)])
      let id = client?.owning(index) ?? index
      let known = plain.all.isEmpty ? nil : plain.all[random.number(below: plain.all.count)]
      switch (random.number(below: 10), known) {
      case (0, let known?):
        sessions.close(known.id)
        plain.all.removeAll { $0.id == known.id }
      case (1...5, let known?):
        let write = ClientRequest(.write, session: known.id, sequence: index)
        _ = sessions.admit(write, at: now)
        plain.use(known.id, at: now)
      case (6, let known?):
        let reply = sessions.register(nonce: known.nonce, as: id, at: now, of: client)
        XCTAssertEqual(reply, .registered(session: known.id))
        plain.use(known.id, at: now)
      case (7, _) where random.oneIn(8): sessions = readBack(sessions)
      default:
        let reply = sessions.register(nonce: id, as: id, at: now, of: client)
        let isIn = plain.register(id, at: now, of: client)
        XCTAssertEqual(reply, isIn ? .registered(session: id) : .refused(.tooManySessions))
      }
      XCTAssertEqual(sessions.ids, plain.all.map(\.id), "seed \(seed), step \(index)")
    }
  }

  /// As after a snapshot.
  private func readBack(_ sessions: ClientSessions) -> ClientSessions {
    ClientSessions(
      timeoutMicroseconds: sessions.timeoutMicroseconds,
      sessionsMax: sessions.sessionsMax,
      sessions: sessions.sessions
    )
  }
}

/// The rules of which sessions end, and nothing else.
private struct PlainSessions {
  struct One {
    let id: UInt64
    let nonce: UInt64
    var lastUse: UInt64
  }

  let max: Int
  let timeout: UInt64
  /// In order of ids.
  var all: [One] = []

  mutating func use(_ id: UInt64, at now: UInt64) {
    for place in all.indices where all[place].id == id { all[place].lastUse = now }
  }

  mutating func expire(at now: UInt64) {
    all.removeAll { now >= $0.lastUse + timeout }
  }

  mutating func register(_ id: UInt64, at now: UInt64, of owner: ClientNumber?) -> Bool {
    if let owner, all.count(where: { owner.owns($0.id) }) >= Swift.max(1, max / 8),
      !evictIdlest(at: now, where: { owner.owns($0) })
    {
      return false
    }
    if all.count >= max, !evictIdlest(at: now, where: { _ in true }) { return false }
    all.append(One(id: id, nonce: id, lastUse: now))
    return true
  }

  private mutating func evictIdlest(at now: UInt64, where isOne: (UInt64) -> Bool) -> Bool {
    let idlest = all.filter { isOne($0.id) }.min { $0.lastUse < $1.lastUse }
    guard let idlest, now >= idlest.lastUse + ClientSessions.evictableAfterMicroseconds else {
      return false
    }
    all.removeAll { $0.id == idlest.id }
    return true
  }
}
