import Wire

/// Opens a journal that has holes: keeps every record that proves itself, names what is lost.
///
/// Nothing damaged is written over, so that a later opening sees the same: the hole remembers
/// itself. Where the last segment is damaged the journal goes on in a new one.
/// docs/decisions/0026-holes-remember-themselves.md.
struct JournalSalvage {
  var recovery: JournalRecovery
  var surveys: [SegmentSurvey] = []
  var damage: [DamagedStretch] = []
  /// The position that comes next.
  var expected: UInt64 = 0
  /// The number that a new segment has to have; nil if the last one can go on.
  var freshNumber: UInt64?

  /// Whether the newest vital record found is the newest there was.
  var isVitalCertain = true

  /// So many places of a file are told; what is lost is known without them.
  private static let toldMax = 8

  private var isBegun = false
  private var isAnythingWhole = false
  /// What cannot be read now may be as it was written.
  private var isAnythingUnreadable = false

  /// Reads everything, and changes nothing.
  init(
    _ recovery: JournalRecovery,
    neededFrom needed: UInt64,
    because refusal: StorageError
  ) throws(StorageError) {
    self.recovery = recovery
    self.recovery.inventory = try JournalInventory(of: recovery.disk, allowingGaps: true)
    guard !self.recovery.inventory.segments.isEmpty else { throw .journalLost(because: refusal) }
    try readAll(neededFrom: max(needed, 1))
    guard isAnythingWhole else {
      throw isAnythingUnreadable ? refusal : .journalLost(because: refusal)
    }
    judgeEnd()
    judgeVitals()
    self.recovery.report.segments = surveys.count
    self.recovery.report.records = self.recovery.records.count
  }

  /// Goes from segment to segment; the bytes of no more than two are held at a time.
  private mutating func readAll(neededFrom needed: UInt64) throws(StorageError) {
    let numbers = recovery.inventory.segments
    for place in numbers.indices {
      let next = place + 1 < numbers.count ? numbers[place + 1] : nil
      let survey = try survey(numbers[place], before: next)
      isAnythingWhole = isAnythingWhole || survey.headerError == nil || !survey.records.isEmpty
      isAnythingUnreadable = isAnythingUnreadable || !survey.image.unreadable.isEmpty
      surveys.append(survey)
      guard place > 0 else { continue }
      if !surveys[place - 1].isContinued(by: survey) {
        surveys[place - 1].distrustLastIsland(endingAt: surveys[place - 1].end)
      }
      collect(place - 1, neededFrom: needed)
      surveys[place - 1].release()
    }
    collect(numbers.count - 1, neededFrom: needed)
  }

  private func survey(
    _ number: UInt64,
    before next: UInt64?
  ) throws(StorageError) -> SegmentSurvey {
    let survey = try SegmentSurvey(
      of: number,
      on: recovery.disk,
      identity: recovery.identity,
      before: next.map { next in
        // Only what followed at once can say where this one ended.
        guard next == number + 1 else { return .max }
        return SegmentSurvey.firstPosition(
          of: next,
          on: recovery.disk,
          identity: recovery.identity
        )
      }
    )
    // What a later version wrote is not damaged.
    if case .unsupported(let file, let version) = survey.headerError {
      throw .unsupported(file: file, version: version)
    }
    return survey
  }

  /// Takes a segment's records, and notes what is missing before and between them.
  private mutating func collect(_ number: Int, neededFrom needed: UInt64) {
    let survey = surveys[number]
    if let first = survey.firstPosition ?? survey.records.first?.position {
      if !isBegun { expected = min(first, needed) }
      isBegun = true
      noteGap(before: first, in: number)
    }
    tell(of: survey)
    recovery.segments.append(
      JournalSegment(
        number: survey.number,
        firstPosition: max(expected, 1),
        size: survey.size,
        isDamaged: survey.isDamaged
      )
    )
    for record in survey.records where record.position >= expected {
      if record.position > expected {
        let place = survey.damage.last { $0.offset < record.offset && $0.offset > 0 }
        note(
          through: record.position - 1,
          survey.fileName,
          place?.offset ?? SegmentHeader.size,
          proof: "record \(record.position) stands behind it"
        )
      }
      take(record)
    }
    recovery.repairs += survey.repairs.map { (survey.fileName, $0.offset, $0.bytes) }
    recovery.report.repairs += survey.repairs.map { "\(survey.fileName) offset \($0.offset)" }
  }

  /// Notes for people what is wrong with a file, and which file before it is missing.
  private mutating func tell(of survey: SegmentSurvey) {
    if let last = recovery.segments.last, last.number + 1 < survey.number {
      tellMissing(last.number + 1)
      recovery.segments[recovery.segments.count - 1].isDamaged = true
    }
    if survey.size == 0 {
      tell(FoundDamage(file: survey.fileName, offset: 0, what: "it is empty"))
    }
    for place in survey.damage.prefix(Self.toldMax) {
      tell(FoundDamage(file: survey.fileName, offset: place.offset, what: place.what))
    }
  }

  /// Notes that the file of a segment is not there.
  mutating func tellMissing(_ number: UInt64) {
    let name = SegmentHeader.fileName(number)
    tell(FoundDamage(file: name, offset: 0, what: "it is missing"))
  }

  private mutating func tell(_ found: FoundDamage) {
    recovery.report.damage.append(found)
  }

  /// A segment begins later than the one before it ended.
  private mutating func noteGap(before first: UInt64, in number: Int) {
    guard first > expected else { return }
    let survey = surveys[number]
    let proof = "\(survey.fileName) begins with record \(first)"
    guard number > 0 || survey.number > 1 else {
      return note(through: first - 1, survey.fileName, SegmentHeader.size, proof: proof)
    }
    guard number > 0, surveys[number - 1].number == survey.number - 1 else {
      let missing = SegmentHeader.fileName(survey.number - 1)
      if number == 0 { tellMissing(survey.number - 1) }
      return note(through: first - 1, missing, 0, proof: proof)
    }
    recovery.segments[recovery.segments.count - 1].isDamaged = true
    note(through: first - 1, surveys[number - 1].fileName, surveys[number - 1].end, proof: proof)
  }

  private mutating func take(_ record: SurveyedRecord) {
    recovery.records.append(
      RecoveredRecord(
        position: record.position,
        payload: record.payload,
        isVital: record.isVital
      )
    )
    expected = record.position + 1
  }

  /// Notes that everything from the expected position through `last` is lost.
  mutating func note(
    through last: UInt64,
    _ file: String,
    _ offset: Int,
    proof: String,
    isBound: Bool = false
  ) {
    damage.append(
      DamagedStretch(
        first: expected,
        last: last,
        isBound: isBound,
        file: file,
        offset: offset,
        proof: proof
      )
    )
    expected = last + 1
  }
}
