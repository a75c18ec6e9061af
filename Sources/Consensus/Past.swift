package import Wire

/// A record that a journal keeps.
package protocol JournalRecordCodable: WireCodable {
  /// Whether losing this record to rot would be worst (term and vote): the journal keeps copies.
  var isVital: Bool { get }

  /// The bytes as they are kept: those of `encode`, without a copy where they are there already.
  var payload: [UInt8] { get }
}

/// A record found on disk at start.
package struct Recovered<Record: Sendable>: Sendable {
  /// Its position in the journal; positions count from 1 and never go back.
  package var position: UInt64
  /// The record.
  package var record: Record

  package init(position: UInt64, record: Record) {
    self.position = position
    self.record = record
  }
}

/// What a node found on its disk at start.
package struct Past<Record: Sendable>: Sendable {
  /// What the state at the start includes; nil if it is empty.
  package var snapshot: SnapshotMark?
  /// What the journal holds, in order of position; the first record of a new directory is the
  /// configuration entry.
  package var records: [Recovered<Record>]
  /// The positions whose records are lost, ascending; a vital record may be known all the same.
  package var holes: [ClosedRange<UInt64>]
  /// Whether the newest vital record there is the newest there was.
  package var isVoteCertain: Bool

  /// What was found.
  package init(
    _ records: [Recovered<Record>],
    after snapshot: SnapshotMark? = nil,
    without holes: [ClosedRange<UInt64>] = [],
    isVoteCertain: Bool = true
  ) {
    self.records = records
    self.snapshot = snapshot
    self.holes = holes
    self.isVoteCertain = isVoteCertain
  }

  /// The newest position that was used, even if its record is lost.
  package var lastPosition: UInt64 {
    max(records.last?.position ?? 0, holes.last?.upperBound ?? 0)
  }
}
