package import Wire

/// What committed requests change: the same commands in the same order give the same state,
/// replies and changes everywhere.
package protocol StateMachine: Sendable {
  /// One effect of a command, in a form that indexes and feeds can follow.
  associatedtype Change: Sendable
  /// The state as it was when it was frozen.
  associatedtype Image: StateImage
  /// Makes a state of an image.
  associatedtype Builder: StateBuilder where Builder.State == Self

  /// Why a command must not even be proposed (malformed, over a limit, not allowed), as the
  /// reply to send; nil if nothing speaks against it.
  func objection(to command: Bytes) -> [UInt8]?

  /// Whether this version can carry out a command at all; where it cannot, a node must stop, as
  /// others that can change their state.
  func knows(_ command: Bytes) -> Bool

  /// The first level at which members can carry out a command that this version knows.
  func level(of command: Bytes) -> FeatureLevel

  /// Whether a command can only make the state smaller: it is taken also where disks are full.
  func onlyRemoves(_ command: Bytes) -> Bool

  /// Carries out a command. Never fails: a command that cannot be done says so in its reply,
  /// which is what this returns and what the session keeps.
  ///
  /// The command may share memory with the log's entry; whatever keeps it keeps the entry.
  mutating func apply(_ command: Bytes, at place: LogPlace) -> CompactBytes

  /// What the last command changed, in order; empty if it failed.
  var changes: [Change] { get }

  /// Answers a query from the state as it is, pages of earlier scans included.
  mutating func answer(_ query: [UInt8], now: Reading) -> [UInt8]

  /// Answers a query that a client has put into the log, from the state at its place there.
  ///
  /// Nodes that have answered the same queries before answer alike, pages of scans included.
  mutating func answer(
    _ query: [UInt8],
    at place: LogPlace,
    by client: ClientNumber
  ) -> [UInt8]

  /// Time has passed at this node: what is held only for a while may be let go of.
  ///
  /// The replicated state must not change by it.
  mutating func tick(_ now: Reading)

  /// A digest over all that commands have changed so far, what was changed and to what.
  ///
  /// It grows with each `apply` and costs next to nothing: nodes compare it all the time.
  var resultDigest: UInt64 { get }

  /// A digest over the whole state; equal states give equal digests on every machine.
  /// It visits everything.
  func stateDigest() -> UInt64

  /// The replicated state as it is now, O(1): what is applied later does not show in it.
  func freeze() -> Image

  /// What the state has let go of since it was last asked, and what may take long to free: whoever
  /// asks does that elsewhere.
  mutating func takeDiscarded() -> [any Sendable]

  /// Goes on from a state that was read back, O(1) but for what it lets go of; what is this
  /// node's own, such as pages of scans in progress, stays.
  mutating func adopt(_ restored: Self)
}

extension StateMachine {
  /// Whatever it lets go of is small, or freed at once.
  package mutating func takeDiscarded() -> [any Sendable] { [] }

  /// Without pages there is nothing but the state to answer from.
  package mutating func answer(
    _ query: [UInt8],
    at place: LogPlace,
    by client: ClientNumber
  ) -> [UInt8] {
    let time = Reading(
      monotonicMicroseconds: place.logTimeMicroseconds,
      wallMilliseconds: place.wallMilliseconds
    )
    return answer(query, now: time)
  }
}

/// Where in the log, and when by the log, a command is applied.
package struct LogPlace: Equatable, Sendable {
  /// The entry's index: the revision of all it changes.
  package var index: LogIndex
  /// Log time in microseconds (see `Committed`).
  package var logTimeMicroseconds: UInt64
  /// The leader's wall clock in milliseconds.
  package var wallMilliseconds: UInt64

  package init(index: LogIndex, logTimeMicroseconds: UInt64, wallMilliseconds: UInt64) {
    self.index = index
    self.logTimeMicroseconds = logTimeMicroseconds
    self.wallMilliseconds = wallMilliseconds
  }
}
