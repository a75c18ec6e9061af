import Storage

/// Sizes that a run draws, so low that few requests make them bind.
struct ByzantineLimits {
  var journal = JournalOptions(segmentSizeBytes: 256 << 10)
  var pieceSizeAim = 1_000
  var snapshotLogSizeMin = 30_000
  var sessionsMax: UInt32 = 10_000
  var answerSizeMax = 2 << 20
}
