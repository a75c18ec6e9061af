import Consensus
import Foundation
import Storage
import Wire
import XCTest

@testable import Replication

/// The keeper writes, sends, receives and reads snapshots, one small step at a time.
final class SnapshotKeeperTests: XCTestCase {
  private typealias Keeper = SnapshotKeeper<CountingMachine>
  private typealias Notice = SnapshotNotice<CountingMachine>

  private var folders: [String] = []

  override func tearDownWithError() throws {
    for folder in folders { try FileManager.default.removeItem(atPath: folder) }
  }

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

  func test_keeper_whenPartsAreSentAndReceived_hasTheSameState() throws {
    var sender = try makeKeeper()
    var receiver = try makeKeeper()
    sender.take(.write(try frozen(through: 9)))
    _ = try work(&sender)

    let notices = try transfer(from: &sender, to: &receiver)

    guard case .received(let restored)? = notices.last else { return XCTFail("not received") }
    XCTAssertEqual(restored.mark, mark(9))
    XCTAssertEqual(receiver.store.newest, sender.store.newest)
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

  func test_D7_keeper_whenThereIsNoRoom_removesTheOlderOnceTheNewestIsReadThrough() throws {
    var keeper = try makeKeeper()
    for index in [5, 9] as [UInt64] {
      keeper.take(.write(try frozen(through: index)))
      _ = try work(&keeper)
    }

    keeper.take(.makeRoom)
    let (notices, steps) = try work(&keeper)
    keeper.take(.makeRoom)
    let again = try work(&keeper).notices

    guard case .olderRemoved(LogIndex(9))? = notices.first else { return XCTFail("\(notices)") }
    XCTAssertGreaterThan(steps, 3, "a piece at a time")
    XCTAssertEqual(try files(), ["snapshot-0000000000000009.snap"])
    XCTAssertTrue(again.isEmpty)
    XCTAssertEqual(keeper.store.snapshots.map(\.index), [9])
  }

  func test_D7_keeper_whenASnapshotFindsNoRoom_goesOnInThatOfTheOlder() throws {
    let disk = SmallDisk(try makeDisk())
    var keeper = try makeKeeper(on: disk)
    for index in [5, 9] as [UInt64] {
      keeper.take(.write(try frozen(through: index)))
      _ = try work(&keeper)
    }
    disk.freeBytes = try XCTUnwrap(keeper.store.newest).size / 2

    var state = try frozen(through: 12)
    state.maySpareOlder = true
    keeper.take(.write(state))
    let notices = try work(&keeper).notices

    guard case .olderRemoved(LogIndex(9))? = notices.first,
      case .taken(let taken, _)? = notices.last
    else { return XCTFail("\(notices)") }
    XCTAssertEqual(taken, mark(12))
    XCTAssertEqual(keeper.store.snapshots.map(\.index), [9, 12])
    XCTAssertEqual(try keeper.loadNewest()?.state.lastApplied, LogIndex(12))
  }

  func test_D7_keeper_whenASnapshotFindsNoRoomAtAll_keepsWhatItHasTakenForTheNext() throws {
    let disk = SmallDisk(try makeDisk())
    var keeper = try makeKeeper(on: disk)
    keeper.take(.write(try frozen(through: 9)))
    _ = try work(&keeper)
    let free = try XCTUnwrap(keeper.store.newest).size + 500
    disk.freeBytes = free

    keeper.take(.write(try frozen(through: 200)))
    let failed = try work(&keeper).notices
    let left = disk.freeBytes
    let filesThen = try files()
    keeper.take(.write(try frozen(through: 12)))
    let taken = try work(&keeper).notices

    guard case .notTaken(.diskFull)? = failed.first else { return XCTFail("\(failed)") }
    XCTAssertLessThan(left ?? 0, free / 2, "the journal does not get it")
    XCTAssertEqual(filesThen.filter { $0.hasSuffix(".tmp") }.count, 1)
    guard case .taken? = taken.first else { return XCTFail("\(taken)") }
    XCTAssertEqual(
      try files(),
      ["snapshot-0000000000000009.snap", "snapshot-0000000000000012.snap"]
    )
  }

  func test_D7_keeper_whenThereIsNoRoomAndTheNewestHasRotted_keepsTheOlder() throws {
    var keeper = try makeKeeper()
    for index in [5, 9] as [UInt64] {
      keeper.take(.write(try frozen(through: index)))
      _ = try work(&keeper)
    }
    try damageNewest()

    keeper.take(.makeRoom)
    let notices = try work(&keeper).notices

    guard case .damaged? = notices.first, notices.count == 1 else { return XCTFail("\(notices)") }
    XCTAssertEqual(keeper.store.snapshots.map(\.index), [5])
    XCTAssertEqual(try files(), ["snapshot-0000000000000005.snap"])
  }

  // MARK: Helpers

  private func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folders[0]).sorted()
  }

  private let peer = Member(id: NodeID(2), incarnation: Incarnation(22))

  private func makeKeeper() throws -> Keeper { try makeKeeper(on: try makeDisk()) }

  private func makeDisk() throws -> PosixDisk {
    let folder = NSTemporaryDirectory() + "lockstep-keeper-\(UUID().uuidString)"
    folders.append(folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return try PosixDisk(path: folder)
  }

  private func makeKeeper(on disk: any Disk) throws -> Keeper {
    Keeper(
      try SnapshotStore.open(on: disk, cluster: [UInt8](repeating: 7, count: 16)),
      pieceSizeAim: 16
    )
  }

  private func mark(_ index: UInt64) -> SnapshotMark {
    SnapshotMark(
      index: LogIndex(index),
      term: Term(1),
      logTimeMicroseconds: 5,
      configuration: ClusterConfiguration(seats: []),
      configurationIndex: LogIndex(1)
    )
  }

  private func frozen(through index: UInt64) throws -> FrozenState<CountingMachine> {
    FrozenState(mark: mark(index), image: try replica(through: index).freeze())
  }

  private func replica(through index: UInt64) throws -> Replica<ScriptedCore, CountingMachine> {
    var replica = try Replica<ScriptedCore, CountingMachine>.fixture()
    replica.commitWrites(through: index)
    return replica
  }

  private func work(_ keeper: inout Keeper) throws -> (notices: [Notice], steps: Int) {
    var notices: [Notice] = []
    var steps = 0
    while keeper.hasWork {
      notices += try keeper.step()
      steps += 1
    }
    return (notices, steps)
  }

  private func part(at offset: UInt64, of keeper: inout Keeper) throws -> InstallPart {
    keeper.take(.job(.read(SnapshotPlace(index: LogIndex(9), offset: offset), for: peer)))
    var part: InstallPart?
    if case .jobDone(.read(let read, _, _))? = try work(&keeper).notices.first { part = read }
    return try XCTUnwrap(part, "no part at \(offset)")
  }

  /// Sends snapshot 9 part by part, and gives back what the last one came to.
  private func transfer(
    from sender: inout Keeper,
    to receiver: inout Keeper
  ) throws -> [Notice] {
    var offset: UInt64 = 0
    while true {
      let part = try part(at: offset, of: &sender)
      receiver.take(.job(.store(part)))
      let notices = try work(&receiver).notices
      if part.isLast { return notices }
      guard case .jobDone(.stored(part.place, let end, isLast: false))? = notices.first else {
        return []
      }
      offset = end
    }
  }

  /// The files in which parts are gathered.
  private func unfinished() throws -> [String] {
    try folders.flatMap { try FileManager.default.contentsOfDirectory(atPath: $0) }
      .filter { $0.hasPrefix("snapshot-install-") }
  }

  /// Flips a bit of the first piece.
  private func damageNewest() throws {
    let folder = try XCTUnwrap(folders.first)
    let name = try XCTUnwrap(
      FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".snap") }
        .sorted().last
    )
    let url = URL(fileURLWithPath: folder + "/" + name)
    var bytes = [UInt8](try Data(contentsOf: url))
    bytes[4_096 + 26] ^= 1
    try Data(bytes).write(to: url)
  }
}
