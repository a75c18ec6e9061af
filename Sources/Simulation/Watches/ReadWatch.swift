import Consensus

/// Holds the index of each confirmed read against what was committed when the read was asked
/// (R1): whatever any node knew to be committed by then may have been told to a client.
struct ReadWatch {
  /// How much was committed anywhere when each read that waits was asked; looked up only.
  private var committedCounts: [ReadID: Int] = [:]

  /// A turn has asked its core for reads; so much was committed anywhere when it began.
  mutating func asked(_ reads: [ReadID], committedCount: Int) {
    for read in reads { committedCounts[read] = committedCount }
  }

  /// The effects of a turn; says what is wrong with them, if anything is.
  mutating func turnEnded(_ readable: [Readable], _ refused: [Refused]) -> String? {
    for case .read(let read, _) in refused { committedCounts[read] = nil }
    for read in readable {
      guard let count = committedCounts.removeValue(forKey: read.id) else {
        return "lets a read go that nobody asks for"
      }
      guard read.index < LogIndex(UInt64(count)) else { continue }
      return "lets a read go at \(read.index), and \(count) was committed when it was asked"
    }
    return nil
  }
}
