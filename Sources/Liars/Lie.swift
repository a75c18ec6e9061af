package import Server

/// The lies that a node of a Byzantine cluster can tell, by the names of the command line.
package enum Lie: String, CaseIterable, Sendable {
  /// As primary it proposes another block to each backup, and can be convicted of it.
  case equivocate
  /// It says nothing that would bring the order forward.
  case withhold
  /// What would bring the order forward comes late.
  case slow
  /// As primary it never orders what one client wants.
  case starveClient = "starve-client"
  /// It vouches for states that nobody has.
  case badRoot = "bad-root"
  /// It answers reads with what it has answered before.
  case forkReads = "fork-reads"
  /// It speaks in the names of others.
  case forged
  /// It says again what it or others have said long ago.
  case replay
  /// When a view is left it hides what it knows to be prepared.
  case staleViewChange = "stale-view-change"

  /// What bends the words of the node in this seat.
  package func misconduct(in seat: LiarSeat) -> any Misconduct {
    switch self {
    case .equivocate: Equivocation(seat)
    case .withhold: Withholding()
    case .slow: Slowness()
    case .starveClient: Starvation(seat)
    case .badRoot: BadRoot(seat)
    case .forkReads: ForkedReads()
    case .forged: Forgery(seat)
    case .replay: Replaying()
    case .staleViewChange: StaleViewChange(seat)
    }
  }

  /// What it comes to, for people.
  package var summary: String {
    switch self {
    case .equivocate: "as primary proposes another block to each backup"
    case .withhold: "sends neither proposals nor votes"
    case .slow: "sends proposals and votes 300 ms late"
    case .starveClient: "ignores the envelopes of the first client of the genesis"
    case .badRoot: "vouches for states that nobody has"
    case .forkReads: "answers all reads with what the first of all found"
    case .forged: "says everything again in another's name"
    case .replay: "says old messages again"
    case .staleViewChange: "hides what is prepared when it leaves a view"
    }
  }
}
