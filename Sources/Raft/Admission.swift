import Consensus

/// Whether this member may vote, stand and be counted, and what it remembers of the others.
struct Admission: Sendable {
  enum State: Sendable {
    /// It asks the others what they remember of it.
    case waiting(Asking)
    case admitted
    /// Somebody remembers more than it shows.
    case refused
  }

  struct Asking: Sendable {
    /// Since when those who have answered are enough, if nobody else speaks.
    var sufficesSince: UInt64?
    /// Whether it has waited for long enough for somebody who is silent.
    var isInVain = false
    /// When it next asks to be replaced.
    var nextPleaAt: UInt64 = 0
    /// The members in a later configuration than this member's own, and where that stands.
    var told: (index: LogIndex, members: Membership)?
  }

  var state = State.admitted
  /// Whether the directory was made from a genesis file and never admitted.
  private(set) var isNew = false
  /// Whether the directory was made to join and never started before this.
  ///
  /// What it is called was drawn just now: no copy of a directory that ever counted is that.
  private(set) var isFirstStart = false
  /// Whether it was refused since its start, for a voter that was silent.
  private var isGivenUp = false
  private(set) var directory: UInt64 = 0
  private(set) var start = Showing.Start(boot: 0, process: 0, position: 0)
  /// What the others have shown, the newest of each.
  private(set) var memory: [Showing] = []
  /// Who has said that it remembers nothing more of this start.
  private(set) var answered: [Member] = []

  /// Whether somebody's new start is not in the journal yet.
  private(set) var hasUnwrittenStart = false
  /// Whether anything is not in the journal yet.
  private(set) var isUnwritten = false
  private(set) var writtenAt: UInt64 = 0
  /// Where the newest record of this stands.
  private(set) var recordPosition: UInt64 = 0
  /// Where the first one of this start stands: nothing is shown before that is durable.
  private(set) var firstPosition: UInt64 = 0
  /// Where the one stands that says that this member is admitted.
  private(set) var admittedPosition: UInt64 = 0
  /// The newest record of another kind before that.
  private var otherPosition: UInt64 = 0
  var nextShowingAt: UInt64 = 0
  /// Where the configuration stands whose former members were forgotten.
  private(set) var forgottenThrough = LogIndex.zero
  /// The members of all configurations in use since then.
  private var seen: [Member] = []
  /// Who has said that it is admitted, since this member's start.
  private(set) var admittedOthers: [Member] = []

  /// Everybody trusts everybody.
  init() {}

  init(after journal: RecoveredState, boot: UInt64, random: inout RandomSource) {
    let record = journal.admission
    // A number that was lost is not drawn again: 0 says so (see `Showing.judged`).
    directory = record?.directory ?? (journal.lacksAdmission ? 0 : random.next())
    memory = record?.memory ?? []
    var position = journal.lastPosition
    // A newer record may be lost; what was shown since ends before the journal's end in any case.
    let progress = journal.mayLackAdmission ? .admitted : record?.progress
    switch progress {
    case .rolledBack, .remade:
      state = .refused
      isNew = progress == .remade
    case .waiting, .waitingAnew:
      state = .waiting(Asking())
      isNew = progress == .waitingAnew
      // What was written since was written without leave, and proves nothing.
      position = record?.start ?? position
    case .admitted:
      state = .waiting(Asking())
    case nil:
      state = .waiting(Asking())
      isNew = journal.isFromGenesis
      isFirstStart = !isNew && !journal.lacksAdmission
    }
    start = Showing.Start(boot: boot, process: random.next(), position: position)
    otherPosition = journal.lastPosition
    seen = journal.isWhole ? journal.membersSeen : []
  }

  var record: AdmissionRecord {
    let progress: AdmissionRecord.Progress =
      switch state {
      case .waiting: isNew ? .waitingAnew : .waiting
      case .admitted: .admitted
      case .refused: isNew ? .remade : .rolledBack
      }
    return AdmissionRecord(
      progress: progress,
      directory: directory,
      start: start.position,
      memory: memory
    )
  }

  var status: AdmissionStatus {
    switch state {
    case .waiting: .waiting
    case .admitted: .admitted
    case .refused where isGivenUp: .voterSilent
    case .refused: isNew ? .directoryRemade : .rolledBack
    }
  }

  /// A position that this member may show: one that a restart cannot fall short of.
  ///
  /// Records of this kind do not count, or two idle members would write down each other's for ever.
  func position(durableThrough durable: UInt64, lastPosition: UInt64) -> UInt64 {
    guard case .admitted = state, durable >= admittedPosition else { return start.position }
    let newest = lastPosition == recordPosition ? otherPosition : lastPosition
    return max(start.position, min(durable, newest))
  }

  /// The record stands in the journal.
  mutating func wasWritten(at position: UInt64, _ now: UInt64) {
    if position - 1 != recordPosition { otherPosition = position - 1 }
    recordPosition = position
    if firstPosition == 0 { firstPosition = position }
    if case .admitted = state, admittedPosition == 0 { admittedPosition = position }
    hasUnwrittenStart = false
    isUnwritten = false
    writtenAt = now
  }

  mutating func admit() {
    state = .admitted
    isNew = false
  }

  /// - Parameter isRemade: Whether others know another directory of this member.
  mutating func refuse(isRemade: Bool) {
    state = .refused
    isNew = isNew || isRemade
  }

  /// Nobody says that this directory has lost anything; whoever might is silent.
  ///
  /// The journal says that it was put back, which nobody can rule out.
  mutating func giveUp() {
    state = .refused
    isGivenUp = true
  }

  mutating func wasConfirmed(by other: Member) {
    guard !answered.contains(other), answered.count < Showing.countMax else { return }
    answered.append(other)
  }

  func memory(of member: Member) -> Showing? { memory.first { $0.member == member } }

  mutating func noteAdmitted(_ other: Member) {
    if !admittedOthers.contains(other) { admittedOthers.append(other) }
  }

  /// Whether a member is remembered or can be; where room is short, those who are members no
  /// longer are forgotten.
  mutating func makeRoom(for member: Member, forgettingAllBut isMember: (Member) -> Bool) -> Bool {
    if memory(of: member) != nil || memory.count < Showing.countMax / 2 { return true }
    memory.removeAll { !isMember($0.member) }
    return memory.count < Showing.countMax / 2
  }

  /// These are in a configuration that is in use.
  mutating func see(_ members: [Member]) {
    seen += members.filter { !seen.contains($0) }
  }

  /// Only these are members since a configuration, for good.
  ///
  /// - Returns: Whether anybody was forgotten.
  mutating func forgetAll(but members: [Member], since index: LogIndex) -> Bool {
    forgottenThrough = index
    let before = memory.count
    memory.removeAll { seen.contains($0.member) && !members.contains($0.member) }
    seen = members
    return memory.count < before
  }

  /// Whoever shows this is no member any more, though it was never seen in a configuration: it may
  /// have come and gone while a snapshot took the log's place here.
  ///
  /// Who shows less than is remembered may have lost the configuration that it is in.
  mutating func forget(_ showing: Showing) {
    guard let known = memory(of: showing.member) else { return }
    if case .less = showing.judged(by: known) { return }
    memory.removeAll { $0.member == showing.member }
    isUnwritten = true
  }

  /// Remembers a start, or how far it has come.
  mutating func remember(_ showing: Showing) {
    guard let place = memory.firstIndex(where: { $0.member == showing.member }) else {
      memory.append(showing)
      hasUnwrittenStart = true
      isUnwritten = true
      return
    }
    switch showing.judged(by: memory[place]) {
    case .known:
      guard showing.position > memory[place].position else { return }
      memory[place].position = showing.position
    case .later:
      memory[place] = showing
      hasUnwrittenStart = true
    case .less:
      return
    }
    isUnwritten = true
  }
}
