/// What a journal is asked to keep: opaque bytes.
package struct JournalRecord: Equatable, Sendable {
  /// The bytes, as they will be given back by recovery.
  package let payload: [UInt8]

  /// Whether losing it could break a promise of the past (Raft: term and vote).
  ///
  /// Such a record is written twice, and the newest again at the head of each later segment.
  package let isVital: Bool

  /// A record of these bytes.
  package init(payload: [UInt8], isVital: Bool = false) {
    self.payload = payload
    self.isVital = isVital
  }

  /// The bytes that a record takes in its segment.
  package var footprint: Int {
    Self.footprint(payloadSize: payload.count, isVital: isVital)
  }

  /// The bytes that a record of so large a payload takes in its segment.
  package static func footprint(payloadSize: Int, isVital: Bool) -> Int {
    let single = RecordFrame.size(payloadSize: payloadSize)
    return isVital ? 2 * single + RecordFrame.paddingSize : single
  }
}

/// A record that recovery has found again.
package struct RecoveredRecord: Equatable, Sendable {
  /// Its number, counted from 1 without gaps.
  package let position: UInt64
  /// The bytes that were appended.
  package let payload: [UInt8]
  /// Whether it was appended as vital.
  package let isVital: Bool

  /// The bytes that it takes in its segment.
  package var footprint: Int {
    JournalRecord.footprint(payloadSize: payload.count, isVital: isVital)
  }

  /// A record that is known from elsewhere.
  package init(position: UInt64, payload: [UInt8], isVital: Bool) {
    self.position = position
    self.payload = payload
    self.isVital = isVital
  }
}
