import Consensus
import Crypto
import Foundation
import PBFT
import Storage
import Transport
import XCTest

@testable import Server

final class VerificationDeskTests: XCTestCase {
  /// A liar that hands in forgeries for seconds does not keep the others' words waiting.
  func test_verify_whenOneSourceFloods_servesTheOthersInTurn() throws {
    try withDesk { desk, _ in
      let (liar, other) = (VerificationSource(inFlightMax: 64), VerificationSource(inFlightMax: 64))
      var done: [String] = []

      desk.verify(from: liar, size: 240_000, check(forged(65_536, from: 1 << 20))) { _ in
        done.append("liar")
      }
      desk.verify(from: other, size: 300, check(forged(3, from: 1))) { done.append("other \($0)") }
      work(desk) { !done.isEmpty }

      XCTAssertEqual(done, ["other false"])
      XCTAssertEqual(desk.size, 240_000)
    }
  }

  /// Whoever reads it next, on the loop, asks for the signatures of what is wrong anyway, too.
  func test_verify_whenAMessageIsWrongBesides_isPaidForByItsSource() throws {
    try withDesk { desk, _ in
      let liar = VerificationSource(inFlightMax: 64)
      let votes = self.forged(3, from: 1)
      var answer: Bool?

      desk.verify(from: liar, size: 300, { self.check(votes)($0) && false }) { answer = $0 }
      let isOffTheLoop = answer == nil && desk.size == 300
      work(desk) { answer != nil }

      XCTAssertTrue(isOffTheLoop)
      XCTAssertEqual(answer, false)
      XCTAssertEqual(desk.size, 0)
    }
  }

  /// A crowd in which nobody has much does not keep the loop either.
  func test_verify_whenManySourcesHaveALittle_isBoundedByTheTurn() throws {
    for (isUrgent, most) in [(false, 16), (true, 48)] {
      try withDesk { desk, _ in
        var answers = 0
        func hand(_ turn: UInt64) {
          for number in UInt64(0)..<100 {
            desk.verify(
              from: VerificationSource(inFlightMax: 64),
              size: 100,
              isUrgent: isUrgent,
              check(forged(1, from: turn << 20 + number + 1))
            ) { _ in answers += 1 }
          }
        }

        hand(1)
        let onTheLoop = answers
        work(desk) { answers == 100 }
        desk.turnEnded()
        hand(2)
        let onTheLoopAgain = answers - 100
        work(desk) { answers == 200 }

        XCTAssertEqual(onTheLoop, most)
        XCTAssertEqual(onTheLoopAgain, most)
        XCTAssertEqual(answers, 200)
        XCTAssertEqual(desk.size, 0)
      }
    }
  }

  func test_source_whenItDialsAnew_isReadNoSoonerThanBefore() throws {
    try withDesk { desk, loop in
      let port = try FakeMember()
      let links = try (0..<2).map { _ in
        try loop.connect(
          to: SocketAddress(parsing: port.address),
          timeoutMicroseconds: 20_000_000,
          delegate: Deaf()
        )
      }
      let source = VerificationSource(inFlightMax: 64)
      var isDone = false
      source.speaks(over: links[0])
      desk.verify(from: source, size: 17 << 20, check(forged(3, from: 1))) { _ in isDone = true }
      XCTAssertTrue(links[0].isReadingPaused)

      source.speaks(over: links[1])
      let isPaused = links[1].isReadingPaused
      work(desk) { isDone }

      XCTAssertTrue(isPaused)
      XCTAssertFalse(links[1].isReadingPaused)
    }
  }

  /// What a node has under verification is bounded over all the connections that it dials.
  func test_member_whenItReconnects_staysTheSameSource() throws {
    let cluster = try ByzantineTestCluster(count: 4)
    defer { cluster.stopAll() }
    try cluster.start(1)
    // Nothing happens there while nobody dials.
    let peers = try XCTUnwrap(cluster.nodes[0].remains.server?.peers)

    let first = try cluster.dial(1, as: 2)
    let source = try XCTUnwrap(peers.guests.first?.source)
    let second = try cluster.dial(1, as: 2)

    XCTAssertTrue(first.isClosedByPeer())
    XCTAssertTrue(peers.guests.first?.source === source)
    withExtendedLifetime(second) {}
  }

  // MARK: Helpers

  private func withDesk(_ body: (VerificationDesk, EventLoop) throws -> Void) throws {
    let cluster = try ByzantineTestCluster(count: 4)
    defer { cluster.stopAll() }
    let directory = try NodeDirectory(opening: PosixDisk(path: cluster.nodes[0].folder))
    let node = try ByzantineNode(
      directory.identity,
      genesisDigest: directory.genesisDigest,
      with: ByzantineCredentials(genesis: cluster.genesis, key: cluster.keys[0], evidencePath: "")
    )
    let waker = try Waker()
    let loop = try EventLoop(waker: waker)
    let desk = try VerificationDesk(
      authority: node.authority,
      verifier: node.verifier,
      threadsCount: 1,
      waker: waker
    )
    defer {
      desk.stop()
      loop.close()
    }
    try body(desk, loop)
  }

  private func check(_ votes: [Vote]) -> (Authority) -> Bool {
    { authority in votes.allSatisfy { authority.isValid($0) } }
  }

  private func forged(_ count: Int, from counter: UInt64) -> [Vote] {
    (0..<UInt64(count)).map { number in
      Vote(
        kind: .prepare,
        place: BlockPlace(View(0), SequenceNumber(1)),
        digest: .zero,
        replica: ReplicaNumber(1),
        counter: counter + number,
        signature: .unsigned
      )
    }
  }

  /// Takes what the threads find until all is done, or time is up.
  private func work(_ desk: VerificationDesk, until isDone: () -> Bool) {
    let deadline = Date() + 60
    while !isDone(), Date() < deadline {
      desk.mailArrived()
      sched_yield()
    }
  }
}
