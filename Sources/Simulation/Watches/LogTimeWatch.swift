import Consensus
import Raft

/// Watches from outside how log time goes on, by which sessions live: with the clock of whoever
/// leads, and not while nobody does (T4).
///
/// It counts in the node's own time; what is appended in a turn may bear the time of the one
/// before.
struct LogTimeWatch {
  private struct Office {
    let term: Term
    let logTime: UInt64
    let turns: ClosedRange<UInt64>
  }

  private var office: Office?

  /// When the node began to lead in a term, by its own time; nil if it does not.
  func electedAt(in term: Term) -> UInt64? {
    office?.term == term ? office?.turns.upperBound : nil
  }

  /// A leader appends an entry of its own.
  ///
  /// - Parameters:
  ///   - entry: The entry.
  ///   - turns: When the turn before this one began, and this one.
  ///   - previous: The entry before it, if the log still has that.
  /// - Returns: What is wrong, if anything is.
  mutating func appended(
    _ entry: LogEntry,
    in turns: ClosedRange<UInt64>,
    behind previous: () -> LogEntry?
  ) -> String? {
    guard let office, office.term == entry.term else {
      office = Office(term: entry.term, logTime: entry.logTimeMicroseconds, turns: turns)
      guard let before = previous()?.logTimeMicroseconds else { return nil }
      let gap = entry.logTimeMicroseconds &- before
      guard gap <= turns.upperBound - turns.lowerBound else {
        return "begins its office with a log time of \(entry.logTimeMicroseconds) after \(before)"
      }
      return nil
    }
    let elapsed = entry.logTimeMicroseconds &- office.logTime
    let least = turns.lowerBound - min(office.turns.upperBound, turns.lowerBound)
    let most = turns.upperBound - office.turns.lowerBound
    guard elapsed < least || elapsed > most else { return nil }
    return "counts \(elapsed) µs of office, and its clock between \(least) and \(most)"
  }
}
