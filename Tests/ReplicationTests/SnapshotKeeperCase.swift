import Consensus
import Foundation
import Storage
import Wire
import XCTest

@testable import Replication

/// Keepers, and states for them.
class SnapshotKeeperCase: XCTestCase {
  typealias Keeper = SnapshotKeeper<CountingMachine>
  typealias Notice = SnapshotNotice<CountingMachine>

  private(set) var folders: [String] = []

  override func tearDownWithError() throws {
    for folder in folders { try FileManager.default.removeItem(atPath: folder) }
  }

  func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folders[0]).sorted()
  }

  let peer = Member(id: NodeID(2), incarnation: Incarnation(22))

  func makeKeeper() throws -> Keeper { try makeKeeper(on: try makeDisk()) }

  func makeDisk() throws -> PosixDisk {
    let folder = NSTemporaryDirectory() + "lockstep-keeper-\(UUID().uuidString)"
    folders.append(folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return try PosixDisk(path: folder)
  }

  func makeKeeper(on disk: any Disk) throws -> Keeper {
    Keeper(
      try SnapshotStore.open(on: disk, cluster: [UInt8](repeating: 7, count: 16)),
      pieceSizeAim: 16
    )
  }

  func mark(_ index: UInt64) -> SnapshotMark {
    SnapshotMark(
      index: LogIndex(index),
      term: Term(1),
      logTimeMicroseconds: 5,
      configuration: ClusterConfiguration(seats: []),
      configurationIndex: LogIndex(1)
    )
  }

  func frozen(through index: UInt64) throws -> FrozenState<CountingMachine> {
    FrozenState(mark: mark(index), image: try replica(through: index).freeze())
  }

  func replica(through index: UInt64) throws -> Replica<ScriptedCore, CountingMachine> {
    var replica = try Replica<ScriptedCore, CountingMachine>.fixture()
    replica.commitWrites(through: index)
    return replica
  }

  func work(_ keeper: inout Keeper) throws -> (notices: [Notice], steps: Int) {
    var notices: [Notice] = []
    var steps = 0
    while keeper.hasWork {
      notices += try keeper.step()
      steps += 1
    }
    return (notices, steps)
  }

  func part(at offset: UInt64, of keeper: inout Keeper) throws -> InstallPart {
    keeper.take(.job(.read(SnapshotPlace(index: LogIndex(9), offset: offset), for: peer)))
    var part: InstallPart?
    if case .jobDone(.read(let read, _, _))? = try work(&keeper).notices.first { part = read }
    return try XCTUnwrap(part, "no part at \(offset)")
  }

  /// Sends snapshot 9 part by part, and gives back what the last one came to.
  func transfer(
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
  func unfinished() throws -> [String] {
    try folders.flatMap { try FileManager.default.contentsOfDirectory(atPath: $0) }
      .filter { $0.hasPrefix("snapshot-install-") }
  }

  /// Flips a bit of the first piece.
  func damageNewest() throws {
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
