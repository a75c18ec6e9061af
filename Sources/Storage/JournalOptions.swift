/// The sizes of a journal.
package struct JournalOptions: Equatable, Sendable {
  /// The size of a new segment; segments that exist keep theirs.
  package let segmentSizeBytes: Int

  /// Sizes for a journal; a segment is a multiple of 4096 and at least 16 KiB.
  package init(segmentSizeBytes: Int = 16 << 20) {
    guard segmentSizeBytes >= 16 << 10, segmentSizeBytes % 4096 == 0 else {
      fatalError("a segment is a multiple of 4096 bytes and at least 16 KiB")
    }
    self.segmentSizeBytes = segmentSizeBytes
  }

  /// The largest payload of a data record.
  package var payloadSizeMax: Int {
    segmentSizeBytes - SegmentHeader.size - 2 * RecordFrame.headerSize
  }

  /// The largest payload of a vital record: it has to fit into a segment's header.
  package static let vitalSizeMax = 1024
}
