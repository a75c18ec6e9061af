package import Consensus

/// What a member has shown of itself: which of its starts this is, and how far its journal reaches.
///
/// All of it goes up as long as the member's disk keeps what it was given. Numbers drawn at random
/// tell apart what counting cannot: a directory made again from the same genesis file, and two
/// starts with one boot number from two copies of a directory.
package struct Showing: Hashable, Sendable {
  /// Who shows it.
  package var member: Member
  /// Drawn when the directory was first started; 0 if the disk has lost it.
  package var directory: UInt64
  /// Counts the directory's starts.
  package var boot: UInt64
  /// Drawn at this start.
  package var process: UInt64
  /// The journal's end at the first start since its member was last admitted.
  package var start: UInt64
  /// A position up to which the journal is durable now; never below `start`.
  package var position: UInt64

  /// A showing.
  package init(
    by member: Member,
    directory: UInt64,
    start: Start,
    position: UInt64
  ) {
    self.member = member
    self.directory = directory
    boot = start.boot
    process = start.process
    self.start = start.position
    self.position = position
  }

  /// One start of a directory.
  package struct Start: Hashable, Sendable {
    /// Counts the directory's starts.
    package var boot: UInt64
    /// Drawn at this start.
    package var process: UInt64
    /// The journal's end at the first start since its member was last admitted.
    package var position: UInt64

    package init(boot: UInt64, process: UInt64, position: UInt64) {
      self.boot = boot
      self.process = process
      self.position = position
    }
  }

  /// What it is to whoever remembers an earlier one.
  enum Judgement {
    /// The start that is remembered.
    case known
    /// A later start, on a directory that holds all that was shown before.
    case later
    /// Less than is remembered, or something else.
    case less
  }

  func judged(by remembered: Showing?) -> Judgement {
    guard let remembered else { return .later }
    // Whoever lost its number with a part of its journal says 0; a new directory draws one.
    guard directory == remembered.directory || directory == 0 else { return .less }
    if boot == remembered.boot && process == remembered.process { return .known }
    guard boot > remembered.boot, start >= remembered.position else { return .less }
    // A count that was lost says nothing; but each start writes, so that only a journal that goes
    // on behind the start that is remembered is of a later one.
    let wasCountLost = boot >= Self.countedAnewFrom && remembered.boot < Self.countedAnewFrom
    return wasCountLost && start <= remembered.start ? .less : .later
  }

  /// What boot numbers begin with where a disk has lost their count.
  package static let countedAnewFrom: UInt64 = 1 << 31
}
