import Consensus
import Documents
import Foundation
import Raft
import Replication
import Storage
import XCTest

@testable import Server

/// What a start reads stays with nobody but the replica.
final class RecoveredContentsTests: XCTestCase {
  private var folder = ""

  override func setUpWithError() throws {
    folder = NSTemporaryDirectory() + "recovered-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let seat = ClusterConfiguration.Seat(
      member: Member(id: NodeID(1), incarnation: Incarnation(7)),
      clientAddress: "127.0.0.1:1",
      peerAddress: "127.0.0.1:2"
    )
    try NodeDirectory.create(
      on: PosixDisk(path: folder),
      cluster: ClusterID(high: 1, low: 2),
      configuration: ClusterConfiguration(seats: [seat]),
      node: NodeID(1),
      journal: JournalOptions(segmentSizeBytes: 1 << 20)
    )
  }

  override func tearDownWithError() throws { try FileManager.default.removeItem(atPath: folder) }

  func test_directory_whenAReplicaHasGoneOnFromIt_keepsNothingOfWhatItRead() throws {
    let directory = try NodeDirectory(
      opening: PosixDisk(path: folder),
      journal: JournalOptions(segmentSizeBytes: 1 << 20)
    )
    XCTAssertFalse(directory.recovered.records.isEmpty)
    let start = ReplicaStart<RaftCore>(
      identity: directory.identity,
      coreOptions: RaftOptions(),
      seed: 1,
      now: Reading(monotonicMicroseconds: 0, wallMilliseconds: 0),
      journalRoomBytes: directory.journal.room.beyondSpare
    )

    let replica = try directory.replica(start, with: DocumentStore(cursorSeed: 1))

    XCTAssertEqual(replica.core.status.lastIndex, LogIndex(1))
    XCTAssertTrue(directory.recovered.records.isEmpty)
    XCTAssertNil(directory.recovered.take().restored)
  }
}
