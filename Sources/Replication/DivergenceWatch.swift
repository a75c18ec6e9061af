import Consensus

/// Compares this node's results with those of the others and judges whose can be trusted.
///
/// Equal logs must come to equal results. Where they do not, a majority of equal digests is
/// right and the odd one is fenced; without such a majority nobody can tell (decision 0022).
/// Each member's word counts for itself alone, never for a third.
struct DivergenceWatch: Sendable {
  /// How often a node reports while it applies entries: as often as a leader's heartbeat.
  private static let paceMicroseconds: UInt64 = 50_000
  /// How often it repeats itself while it does not: reports get lost.
  private static let repeatMicroseconds: UInt64 = 500_000
  /// How often all ends of stretches go along while results differ.
  private static let historyMicroseconds: UInt64 = 1_000_000
  /// How long a majority's word on a state is waited for, before that of one other member does.
  private static let confirmationMicroseconds: UInt64 = 30_000_000
  /// The ends of stretches in a usual report: more than are passed between two of them.
  private static let usualStretches = 8

  private let own: Member
  private let boot: UInt64
  private var peers: [PeerDigests] = []
  private(set) var divergence = Divergence()
  /// Why nothing may leave the state, if so; at hand for every request.
  private(set) var refusal: Refusal?
  private var reported = LogIndex.zero
  private var nextLookAt: UInt64 = 0
  private var nextRepeatAt: UInt64 = 0
  private var nextHistoryAt: UInt64 = 0

  init(of own: Member, boot: UInt64) {
    self.own = own
    self.boot = boot
  }

  /// Whether it is time to look and to report; true once per pace.
  mutating func takeTurn(at now: UInt64) -> Bool {
    guard now >= nextLookAt else { return false }
    nextLookAt = now + Self.paceMicroseconds
    return true
  }

  /// What the others are told now, if there is anything.
  mutating func report(of own: ResultDigests, at now: UInt64) -> DigestReport? {
    let newest = own.newest.index
    guard newest > reported || (newest > .zero && now >= nextRepeatAt) else { return nil }
    reported = newest
    nextRepeatAt = now + Self.repeatMicroseconds
    let isWhole = !divergence.differing.isEmpty && now >= nextHistoryAt
    if isWhole { nextHistoryAt = now + Self.historyMicroseconds }
    let stretchesMax = isWhole ? StretchMarks.countMax : Self.usualStretches
    return DigestReport(boot: boot, marks: own.marks(stretchesMax: stretchesMax))
  }

  /// Hears what a member came to.
  mutating func take(_ report: DigestReport, from member: Member) {
    guard let place = peers.firstIndex(where: { $0.member == member }) else {
      var peer = PeerDigests(member: member)
      peer.take(report)
      peers.append(peer)
      peers.sort { $0.member.id < $1.member.id }
      return
    }
    peers[place].take(report)
  }

  /// Forgets what members of the past came to.
  mutating func keep(_ seats: [ClusterConfiguration.Seat]) {
    peers.removeAll { peer in !seats.contains { $0.member == peer.member } }
  }

  /// Compares all that is known and judges.
  ///
  /// - Parameters:
  ///   - results: What this node came to.
  ///   - hasQuorum: Whether something holds of a quorum.
  /// - Returns: Whether anything has changed.
  mutating func judge(
    _ results: ResultDigests,
    _ hasQuorum: ((Member) -> Bool) -> Bool
  ) -> Bool {
    for place in peers.indices { peers[place].compare(with: results) }
    let differing = peers.filter { $0.differsFrom != nil }
    let before = divergence
    divergence = Divergence(
      standing: standing(of: results, beside: differing, hasQuorum),
      differing: differing.map(\.member.id)
    )
    if let first = differing.compactMap(\.differsFrom).min() {
      divergence.differsFrom = first
      let equal = differing.map(\.agreesThrough).filter { $0 < first }
      divergence.agreesThrough = equal.max() ?? .zero
    }
    refusal = divergence.refusal
    return divergence != before
  }

  /// Whether what the results through an entry came to may be kept for good (decision 0033).
  ///
  /// A majority must have come to the same. Whose word does not arrive for long, as where a node
  /// hears its leader alone, is replaced by that of one other, while nobody's differ: two machines
  /// do not err in the same way by accident.
  func confirms(
    _ index: LogIndex,
    waitingFor microseconds: UInt64,
    _ hasQuorum: ((Member) -> Bool) -> Bool
  ) -> Bool {
    guard divergence.standing == .sound else { return false }
    let agreeing = peers.filter { $0.agrees(through: index) }.map(\.member)
    if hasQuorum((agreeing + [own]).contains) { return true }
    return microseconds >= Self.confirmationMicroseconds && !agreeing.isEmpty
      && divergence.differing.isEmpty
  }

  private func standing(
    of results: ResultDigests,
    beside differing: [PeerDigests],
    _ hasQuorum: ((Member) -> Bool) -> Bool
  ) -> Divergence.Standing {
    if divergence.standing == .fenced { return .fenced }
    // Whoever agreed only before the difference says nothing about it.
    guard let last = differing.compactMap(\.differsFrom).max() else { return .sound }
    let agreeing = peers.filter { $0.agrees(through: last) }.map(\.member) + [own]
    if hasQuorum(agreeing.contains) { return .sound }
    return differing.contains { isOfMajority($0, against: results, hasQuorum) }
      ? .fenced : .unsettled
  }

  /// Whether a majority says what this one says, at an entry where it differs from us.
  private func isOfMajority(
    _ peer: PeerDigests,
    against results: ResultDigests,
    _ hasQuorum: ((Member) -> Bool) -> Bool
  ) -> Bool {
    guard let first = peer.differsFrom else { return false }
    return peer.latest.contains { mark in
      mark.index >= first && results.digest(at: mark.index) != mark.digest
        && hasQuorum(peers.filter { $0.says(mark) }.map(\.member).contains)
    }
  }
}
