import Consensus

/// What becomes of one frame.
struct FrameFate: Equatable {
  var isLost = false
  var isDuplicated = false
  var isFollowedByAnOldOne = false
  /// Which of its bits is flipped.
  var flippedBit: Int?
  /// After how many of its bytes the connection ends.
  var endsAfter: Int?
  var delayMicroseconds: UInt64 = 0

  /// No frame is later than that.
  private static let delayMicrosecondsMax: UInt64 = 5_000_000

  /// Rolls the dice for a frame of that size.
  ///
  /// All dice are rolled for every frame, so that one percentage does not change the others' luck.
  init(of size: Int, under faults: LinkFaults, _ random: inout RandomSource) {
    isLost = random.chance(percent: faults.lossPercent)
    isDuplicated = random.chance(percent: faults.duplicatePercent)
    isFollowedByAnOldOne = random.chance(percent: faults.replayPercent)
    let bit = random.number(below: size * 8)
    if random.chance(percent: faults.corruptPercent) { flippedBit = bit }
    let end = random.number(below: size)
    if random.chance(percent: faults.truncatePercent) { endsAfter = end }
    delayMicroseconds = Self.delay(median: faults.delayMilliseconds, &random)
  }

  /// Up to twice the median; one in ten takes four times as long, of these one in ten again.
  private static func delay(median: Int, _ random: inout RandomSource) -> UInt64 {
    guard median > 0 else { return 0 }
    var delay = random.number(in: 0..<UInt64(median) * 2_000)
    while delay < delayMicrosecondsMax, random.oneIn(10) { delay = delay * 4 + 1_000 }
    return min(delay, delayMicrosecondsMax)
  }
}
