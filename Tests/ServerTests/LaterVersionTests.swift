import ClientProtocol
import Consensus
import Raft
import Storage
import Wire
import XCTest

@testable import Server

/// A node that is older than what its cluster has committed.
final class LaterVersionTests: ServerTestCase {
  func test_node_whenTheLogHoldsACommandOfALaterVersion_stopsAndSaysSo() throws {
    let cluster = try TestCluster(count: 1)
    defer { cluster.stopAll() }
    var command = Command(
      place: Place(collection: "kv"),
      operation: .kvPut(key: [1], value: [1])
    ).encoded()
    command[0] = 2
    try append(
      .request(ClientRequest(.write, session: 1, sequence: 1, command: Bytes(command))),
      cluster
    )

    try cluster.start(1)
    let error = try XCTUnwrap(cluster.join(1))

    XCTAssertEqual(error.code, "unknown_command")
    XCTAssertTrue("\(error)".hasPrefix("entry 2 is a command of a later version"), "\(error)")
    XCTAssertTrue(cluster.nodes[0].log.contain("event=server.failed code=unknown_command"))
  }

  /// Writes an entry behind the configuration, as a node of another version would have.
  private func append(_ payload: Committed.Payload, _ cluster: TestCluster) throws {
    let options = JournalOptions(segmentSizeBytes: 1 << 20)
    let disk = try PosixDisk(path: cluster.nodes[0].folder)
    var journal = try NodeDirectory(opening: disk, journal: options).journal
    let entry = LogEntry(payload, term: Term(1), logTimeMicroseconds: 0, wallMilliseconds: 0)
    let records: [RaftRecord] = [
      .hardState(term: Term(1), votedFor: nil), .entry(LogIndex(2), entry),
    ]
    try journal.append(
      records.map { JournalRecord(payload: $0.encoded(), isVital: $0.isVital) }
    )
    try journal.sync()
  }
}
