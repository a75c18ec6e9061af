import Consensus
import Foundation
import Storage
import Wire
import XCTest

@testable import Replication

/// Snapshots on disks that are full (D7).
final class SnapshotRoomTests: SnapshotKeeperCase {
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

    var large = try frozen(through: 200)
    large.mayHoldRoom = true
    keeper.take(.write(large))
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

  func test_D7_keeper_whenNoNextSnapshotNeedCome_keepsNoRoomForIt() throws {
    let disk = SmallDisk(try makeDisk())
    var keeper = try makeKeeper(on: disk)
    disk.freeBytes = 5_000

    keeper.take(.write(try frozen(through: 200)))
    let notices = try work(&keeper).notices

    guard case .notTaken(.diskFull)? = notices.first else { return XCTFail("\(notices)") }
    XCTAssertEqual(try files(), [])
    XCTAssertEqual(disk.freeBytes, 5_000)
  }

  func test_D7_keeper_whenADamagedSnapshotTakesTheRoom_removesItFirst() throws {
    let disk = SmallDisk(try makeDisk())
    var keeper = try makeKeeper(on: disk)
    keeper.take(.write(try frozen(through: 9)))
    _ = try work(&keeper)
    disk.freeBytes = try XCTUnwrap(keeper.store.newest).size / 2
    _ = keeper.giveUp(9, because: .missing(file: "a bit"))

    var state = try frozen(through: 12)
    keeper.take(.write(state))
    let refused = try work(&keeper).notices
    state.maySpareOlder = true
    keeper.take(.write(state))
    let taken = try work(&keeper).notices

    guard case .notTaken(.diskFull)? = refused.first else { return XCTFail("\(refused)") }
    guard case .taken? = taken.first else { return XCTFail("\(taken)") }
    XCTAssertEqual(try files(), ["snapshot-0000000000000012.snap"])
  }

  func test_D7_keeper_whenThereIsNoRoomForAStateOfOthers_saysThatItIsNotReceived() throws {
    let disk = SmallDisk(try makeDisk())
    var keeper = try makeKeeper(on: disk)
    disk.freeBytes = 5_000

    keeper.take(.install(try frozen(through: 200)))
    let notices = try work(&keeper).notices

    guard case .jobDone(let result)? = notices.last else { return XCTFail("\(notices)") }
    XCTAssertTrue(result.isNotReceived)
    XCTAssertEqual(disk.freeBytes, 5_000)
  }

  func test_D7_keeper_whenDamagedSnapshotsTakeTheRoomOfAStateOfOthers_removesThemFirst() throws {
    // None at all, so that not even its beginning finds any, or some of it.
    for free in [0, 4_200] {
      let disk = SmallDisk(try makeDisk())
      var keeper = try makeKeeper(on: disk)
      for index in [5, 9] as [UInt64] {
        keeper.take(.write(try frozen(through: index)))
        _ = try work(&keeper)
      }
      disk.freeBytes = free
      for index in [5, 9] as [UInt64] {
        _ = keeper.giveUp(index, because: .missing(file: "a bit"))
      }

      keeper.take(.install(try frozen(through: 12)))
      let notices = try work(&keeper).notices

      guard case .received? = notices.last else { return XCTFail("\(notices)") }
      XCTAssertEqual(keeper.store.snapshots.map(\.index), [12])
    }
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
}
