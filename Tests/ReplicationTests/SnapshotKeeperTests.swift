import Consensus
import Foundation
import Storage
import Wire
import XCTest

@testable import Replication

/// The keeper writes, sends, receives and reads snapshots, one small step at a time.
final class SnapshotKeeperTests: SnapshotKeeperCase {
  func test_keeper_whenAStateIsFrozen_writesItInManySteps() throws {
    var keeper = try makeKeeper()
    keeper.take(.write(try frozen(through: 9)))

    let (notices, steps) = try work(&keeper)

    guard case .taken(let mark, let size)? = notices.first else { return XCTFail("not taken") }
    XCTAssertEqual(mark.index, LogIndex(9))
    XCTAssertEqual(keeper.store.newest?.size, size)
    XCTAssertGreaterThan(steps, 9)
  }

  func test_keeper_whenPartsOfAStateAreDiscarded_letsGoOfThem() throws {
    final class Part: Sendable {}
    var keeper = try makeKeeper()
    var part: Part? = Part()
    let isHeld = { [weak part] in part != nil }
    keeper.take(.discardParts([try XCTUnwrap(part)]))
    part = nil
    XCTAssertTrue(isHeld())

    _ = try work(&keeper)

    XCTAssertFalse(isHeld())
  }

  func test_keeper_whenTheStateIsReadBack_givesAllOfIt() throws {
    var keeper = try makeKeeper()
    keeper.take(.write(try frozen(through: 9)))
    _ = try work(&keeper)

    let restored = try XCTUnwrap(keeper.loadNewest())

    XCTAssertEqual(restored.mark, mark(9))
    XCTAssertEqual(restored.state.lastApplied, LogIndex(9))
    XCTAssertEqual(restored.state.stateDigest(), try replica(through: 9).stateDigest())
  }

  func test_keeper_whenTheNewestIsDamaged_readsTheOneBefore() throws {
    var keeper = try makeKeeper()
    for index in [5, 9] as [UInt64] {
      keeper.take(.write(try frozen(through: index)))
      _ = try work(&keeper)
    }
    try damageNewest()

    let restored = try XCTUnwrap(keeper.loadNewest())

    XCTAssertEqual(restored.mark.index, LogIndex(5))
    XCTAssertEqual(keeper.store.damaged.map(\.index), [9])
  }

  func test_keeper_whenPartsAreSentAndReceived_hasTheSameState_andCopiedNothingOfIt() throws {
    var sender = try makeKeeper()
    var receiver = try makeKeeper()
    sender.take(.write(try frozen(through: 9)))
    _ = try work(&sender)

    let notices = try transfer(from: &sender, to: &receiver)

    guard case .received(let restored)? = notices.last else { return XCTFail("not received") }
    XCTAssertEqual(restored.mark, mark(9))
    XCTAssertEqual(receiver.store.newest, sender.store.newest)
    // Else it takes the square of the time: five minutes for what a start reads in 15 s.
    XCTAssertEqual(restored.state.machine.copiesCount, 0)
  }

  func test_keeper_whenAPartComesThatItDoesNotWaitFor_hasLostTheSnapshot() throws {
    var keeper = try makeKeeper()
    let place = SnapshotPlace(index: LogIndex(9), offset: 4_096)
    keeper.take(.job(.store(InstallPart(at: place, bytes: [1], isLast: false))))

    let notices = try work(&keeper).notices

    guard case .jobDone(.lost(LogIndex(9)))? = notices.first else { return XCTFail("kept") }
    XCTAssertFalse(keeper.isReceiving)
  }

  func test_keeper_whenASnapshotBeginsAnew_removesWhatCameOfIt() throws {
    var sender = try makeKeeper()
    var receiver = try makeKeeper()
    sender.take(.write(try frozen(through: 9)))
    _ = try work(&sender)
    let head = try part(at: 0, of: &sender)
    receiver.take(.job(.store(head)))
    _ = try work(&receiver)
    receiver.take(.job(.store(try part(at: UInt64(head.bytes.count), of: &sender))))
    _ = try work(&receiver)

    let notices = try transfer(from: &sender, to: &receiver)

    guard case .received? = notices.last else { return XCTFail("not received") }
  }

  func test_keeper_whenNoMoreOfASnapshotWillCome_removesWhatCameOfIt() throws {
    var sender = try makeKeeper()
    var receiver = try makeKeeper()
    sender.take(.write(try frozen(through: 9)))
    _ = try work(&sender)
    receiver.take(.job(.store(try part(at: 0, of: &sender))))
    _ = try work(&receiver)
    let before = try unfinished()

    receiver.take(.job(.giveUp(index: LogIndex(8))))
    _ = try work(&receiver)
    let afterAnother = try unfinished()
    receiver.take(.job(.giveUp(index: LogIndex(9))))
    let notices = try work(&receiver).notices

    XCTAssertEqual(before.count, 1)
    XCTAssertEqual(afterAnother, before)
    XCTAssertEqual(try unfinished(), [])
    XCTAssertTrue(notices.isEmpty)
    XCTAssertFalse(receiver.isReceiving)
  }

  func test_keeper_whenAPartIsDamagedOnDisk_neverSendsItAndSaysSo() throws {
    var keeper = try makeKeeper()
    keeper.take(.write(try frozen(through: 9)))
    _ = try work(&keeper)
    try damageNewest()

    keeper.take(.job(.read(SnapshotPlace(index: LogIndex(9), offset: 4_096), for: peer)))
    let notices = try work(&keeper).notices

    guard case .damaged? = notices.first, case .jobDone(.unreadable)? = notices.last else {
      return XCTFail("\(notices.count) notices")
    }
    XCTAssertNil(keeper.store.newest)
  }

  func test_keeper_whenAStateOfOthersPartsComes_writesItFirstAndGoesOnFromIt() throws {
    var keeper = try makeKeeper()
    keeper.take(.write(try frozen(through: 5)))
    keeper.take(.install(try frozen(through: 9)))

    let notices = try work(&keeper).notices

    guard case .received(let restored)? = notices.first, case .taken(let own, _)? = notices.last
    else { return XCTFail("\(notices.count) notices") }
    XCTAssertEqual(restored.mark, mark(9))
    XCTAssertEqual(restored.state.stateDigest(), try replica(through: 9).stateDigest())
    XCTAssertEqual(own, mark(5))
    XCTAssertEqual(keeper.store.snapshots.map(\.index), [5, 9])
  }

  func test_keeper_whenThreeAreTaken_keepsTwo() throws {
    var keeper = try makeKeeper()
    for index in [5, 7, 9] as [UInt64] {
      keeper.take(.write(try frozen(through: index)))
      _ = try work(&keeper)
    }

    XCTAssertEqual(keeper.store.snapshots.map(\.index), [7, 9])
  }

  func test_keeper_whenItFindsDamageInWhatItSends_removesTheFile() throws {
    var keeper = try makeKeeper()
    for index in [5, 9] as [UInt64] {
      keeper.take(.write(try frozen(through: index)))
      _ = try work(&keeper)
    }
    try damageNewest()

    keeper.take(.job(.read(SnapshotPlace(index: LogIndex(9), offset: 4_096), for: peer)))
    let notices = try work(&keeper).notices

    guard case .damaged? = notices.first, case .jobDone(.unreadable)? = notices.last else {
      return XCTFail("\(notices)")
    }
    XCTAssertEqual(try files(), ["snapshot-0000000000000005.snap"])
  }
}
