import Consensus

/// What one other node said of its results, and how they compare with ours.
///
/// A digest covers all entries up to its own: two nodes that differ once differ until one of them
/// replays its log or is given a snapshot.
struct PeerDigests: Sendable {
  let member: Member
  /// The newest entry known to have come to the same there and here.
  private(set) var agreesThrough = LogIndex.zero
  /// The first entry known to have come to something else.
  private(set) var differsFrom: LogIndex?
  private var boot: UInt64 = 0
  /// Its last report.
  private(set) var latest: [DigestMark] = []
  /// The ends of its stretches: we may reach them later than it does.
  private var stretches = StretchMarks()

  init(member: Member) {
    self.member = member
  }

  /// Whether it is known to agree with us up to an entry at least.
  func agrees(through index: LogIndex) -> Bool {
    differsFrom == nil && agreesThrough >= index
  }

  /// Hears a report; one that was overtaken by a newer one says nothing.
  mutating func take(_ report: DigestReport) {
    guard report.boot >= boot else { return }
    if report.boot > boot {
      // It has replayed its log: whatever it was before is gone.
      self = PeerDigests(member: member)
      boot = report.boot
    }
    guard let newest = report.marks.last, newest.index >= latest.last?.index ?? .zero else {
      return
    }
    latest = report.marks
    for mark in latest where mark.index.rawValue % ResultDigests.stretchSize == 0 {
      stretches.add(mark)
    }
  }

  /// Compares wherever both have a digest.
  mutating func compare(with own: ResultDigests) {
    for mark in latest { compare(mark, with: own) }
    let end = own.stretches.newest
    if let digest = stretches.digest(at: end) {
      compare(DigestMark(index: end, digest: digest), with: own)
    }
  }

  /// Whether it came to this digest at this entry, as far as it has said.
  func says(_ mark: DigestMark) -> Bool {
    latest.contains(mark) || stretches.digest(at: mark.index) == mark.digest
  }

  private mutating func compare(_ mark: DigestMark, with own: ResultDigests) {
    guard let digest = own.digest(at: mark.index) else { return }
    if digest == mark.digest {
      agreesThrough = max(agreesThrough, mark.index)
      // A snapshot that was installed replaces a wrong state.
      if let first = differsFrom, first <= mark.index { differsFrom = nil }
    } else {
      differsFrom = min(differsFrom ?? mark.index, mark.index)
    }
  }
}
