import Wire
import XCTest

@testable import Storage

/// Looking at a directory: everything that can be read is shown, nothing is changed.
final class SurveyTests: XCTestCase {
  private let first = SegmentHeader.fileName(1)
  private let second = SegmentHeader.fileName(2)

  func test_survey_whenAllIsWhole_showsEveryRecordAndChangesNothing() throws {
    let disk = try directory()
    let before = (disk.contents, disk.calls)

    let survey = try DirectorySurvey(of: disk)
    let segments = try survey.segments.map { try survey.segment($0) }

    XCTAssertEqual(survey.identity?.payload, Array("node 1".utf8))
    XCTAssertEqual(survey.bootNumber, 1)
    XCTAssertEqual(segments.flatMap(\.records).map(\.position), Array(1...14))
    XCTAssertEqual(segments.flatMap(\.damage), [])
    XCTAssertEqual(segments.map(\.isSealed), [true, true, false])
    XCTAssertEqual(segments.map(\.firstPosition), [1, 6, 11])
    XCTAssertEqual(survey.problems, [])
    XCTAssertEqual(disk.contents, before.0)
    XCTAssertEqual(disk.calls, before.1)
  }

  func test_D9_survey_whenAnyByteOfARecordIsWrong_showsAllOthersAndThePlace() throws {
    let disk = try directory()
    let whole = try survey(1, disk)
    XCTAssertEqual(whole.records.map(\.isVital), [false, false, true, false, false])

    for (number, record) in whole.records.enumerated() where !record.isVital {
      let end = record.offset + RecordFrame.size(payloadSize: record.payload.count)
      for place in stride(from: record.offset, to: end, by: 7) {
        let rotten = disk.copy()
        rotten[first][place] ^= 0x40

        let survey = try survey(1, rotten)

        let others = whole.records.filter { $0.position != record.position }
        XCTAssertEqual(survey.records, others, "byte \(place)")
        XCTAssertEqual(survey.damage.map(\.offset), [record.offset], "byte \(place)")
        XCTAssertEqual(survey.damage.map(\.what), ["record \(number + 1)"])
        XCTAssertTrue(survey.isSealed)
      }
    }
  }

  func test_D10_survey_whenOneCopyOfAVoteIsWrong_showsTheVoteFromTheOther() throws {
    let disk = try directory()
    let whole = try survey(1, disk)
    let vote = whole.records[2]
    let copies = [vote.offset + 45, vote.offset + 64 + 4096 + 45]

    for place in copies {
      let rotten = disk.copy()
      rotten[first][place] ^= 1

      let survey = try survey(1, rotten)

      XCTAssertEqual(survey.records, whole.records)
      XCTAssertEqual(survey.damage.map(\.what), ["one of the two copies of record 3"])
    }
  }

  func test_D10_survey_whenARecordAndTheFirstCopyBehindItAreWrong_showsTheVote() throws {
    let disk = try directory()
    let whole = try survey(1, disk)
    disk[first][whole.records[1].offset + 50] ^= 1
    disk[first][whole.records[2].offset + 45] ^= 1

    let survey = try survey(1, disk)

    XCTAssertEqual(survey.records.map(\.position), [1, 3, 4, 5])
    XCTAssertEqual(survey.records[1].payload, whole.records[2].payload)
    XCTAssertTrue(survey.records[1].isVital)
    XCTAssertEqual(survey.damage.map(\.what), ["record 2"])
  }

  func test_D9_survey_whenTheHeaderIsWrong_stillShowsTheRecords() throws {
    let disk = try directory()
    let whole = try survey(2, disk)
    disk[second][50] ^= 1

    let survey = try survey(2, disk)

    XCTAssertEqual(survey.records, whole.records)
    XCTAssertNil(survey.firstPosition)
    XCTAssertEqual(survey.damage.map(\.offset), [0])
  }

  func test_D8_survey_whenSectorsCannotBeRead_showsTheRest() throws {
    let disk = try directory()
    let whole = try survey(1, disk)
    let record = whole.records[3]
    disk.unreadable = (first, [record.offset / 512])

    let survey = try survey(1, disk)

    XCTAssertFalse(survey.records.contains { $0.position == record.position })
    XCTAssertEqual(survey.records.last, whole.records.last)
    XCTAssertTrue(survey.damage[0].what.hasSuffix("which the disk cannot read"))
  }

  func test_D1_survey_whenABatchWasNeverSynced_doesNotCallItDamage() throws {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    try journal.keep([.fixture(1), .fixture(2)])
    let start = journal.offset
    try journal.append([.fixture(3), .fixture(4), .fixture(5)])
    disk[first][start + 50] ^= 1

    let survey = try survey(1, disk)

    XCTAssertEqual(survey.records.map(\.position), [1, 2])
    XCTAssertEqual(survey.damage, [])
    XCTAssertEqual(survey.end, start)
  }

  func test_D12_survey_whenAClientsValueLooksLikeARecord_isNotFooled() throws {
    for forgedPosition in [4, 5, 6, 900] as [UInt64] {
      var forger = RecordWriter(
        seed: CRC32C.checksum(tag),
        segment: 1,
        position: forgedPosition - 1,
        previousChecksum: 7,
        durableThrough: 3
      )
      var forged = ByteWriter()
      forger.write(.data, [6, 6, 6], into: &forged)
      let disk = CrashDisk()
      var journal = try Journal.fixture(on: disk)
      try journal.keep([.fixture(1), .fixture(2), .fixture(3)])
      let start = journal.offset
      let value = [UInt8](repeating: 1, count: 64) + forged.bytes
      try journal.keep([JournalRecord(payload: value)])
      for number in 5...8 { try journal.keep([.fixture(number)]) }
      disk[first][start + 45] ^= 1

      let survey = try survey(1, disk)

      XCTAssertFalse(survey.records.contains { $0.payload == [6, 6, 6] }, "\(forgedPosition)")
      XCTAssertFalse(survey.damage.isEmpty)
    }
  }

  func test_D17_survey_whenASegmentIsMissing_saysSoAndShowsTheOthers() throws {
    let disk = try directory()
    disk.lose(second)

    let survey = try DirectorySurvey(of: disk)

    XCTAssertEqual(survey.segments, [1, 3])
    XCTAssertEqual(survey.problems, [.init(file: second, what: "it is missing")])
  }

  func test_D10_survey_whenTheIdentityIsLost_readsTheSegmentsAllTheSame() throws {
    let disk = try directory()
    disk.lose("identity")

    let survey = try DirectorySurvey(of: disk)

    XCTAssertNil(survey.identity)
    XCTAssertEqual(survey.problems.map(\.file), ["identity"])
    XCTAssertEqual(try survey.segment(1).records.count, 5)
  }

  func test_D11_snapshotSurvey_whenAPieceIsWrong_showsTheOthers() throws {
    let disk = try directory()
    var store = try SnapshotStore.open(on: disk, cluster: clusterTag)
    let fixture = SnapshotFixture(index: 10)
    try fixture.write(to: &store)
    let offset = try store.reader(of: 10).allParts()[2].offset

    let sound = try DirectorySurvey(of: disk).snapshots(cluster: clusterTag)
    disk.flip("snapshot-0000000000000010.snap", at: offset + 1)
    let surveys = try DirectorySurvey(of: disk).snapshots(cluster: clusterTag)

    XCTAssertEqual(sound.map(\.pieceSizes), [fixture.pieceSizes])
    XCTAssertEqual(sound.flatMap(\.damage), [])
    XCTAssertEqual(surveys.map(\.pieceSizes), [[700, 1300, 61]])
    XCTAssertEqual(surveys[0].damage.map(\.offset), [offset])
    XCTAssertEqual(surveys[0].file, store.newest)
  }

  private func survey(_ number: UInt64, _ disk: CrashDisk) throws -> SegmentSurvey {
    try DirectorySurvey(of: disk).segment(number)
  }

  /// Three segments; the first holds five records, the third of them vital.
  private func directory() throws -> CrashDisk {
    let disk = CrashDisk()
    try DataDirectory.create(
      on: disk,
      identity: DirectoryIdentity(tag: tag, payload: Array("node 1".utf8)),
      records: [.fixture(1)],
      options: .small
    )
    var journal = try DataDirectory.open(on: disk).openJournal(options: .small).journal
    try journal.keep([.fixture(2, size: 1500), .fixture(3, size: 24, isVital: true)])
    for number in 4...14 { try journal.keep([.fixture(number, size: 2200)]) }
    return disk
  }
}
