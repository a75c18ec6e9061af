import Dispatch
import Foundation
import Storage
import Transport
import XCTest

@testable import Server

/// The thread that writes the journal, alone on a disk whose folder is slow to sync.
final class JournalThreadTests: ServerTestCase {
  func test_record_whileManySegmentsAreForgotten_waitsForAFewOfThem() throws {
    try withThread(segments: 20) { thread, disk, mail, next in
      let before = disk.folderSyncs
      thread.forget(below: next)
      wait(for: "the first segment to go") { disk.folderSyncs > before }
      disk.watchSync()
      thread.persist([JournalRecord(payload: [1])])
      // Counted behind it and up to the sync itself: however long this thread is kept from running,
      // it does not count what the other one forgets meanwhile.
      let begun = disk.folderSyncs
      wait(for: "the record") { mail.isDurable(through: next) }
      stop(thread)

      let synced = try XCTUnwrap(disk.folderSyncsBeforeSync)
      XCTAssertLessThan(synced - begun, 6, "of twenty")
    }
  }

  /// What is handed over with the word may be all that is left of what they hold.
  func test_segments_whileTheBatchBehindTheWordIsNotDurable_areKept() throws {
    try withThread(segments: 3) { thread, disk, mail, next in
      let before = disk.folderSyncs
      disk.watchSync()
      disk.hang()
      thread.persist([JournalRecord(payload: [1])])
      wait(for: "a batch that is under way") { disk.folderSyncsBeforeSync != nil }
      thread.persist([JournalRecord(payload: [2])])
      thread.forget(below: next)
      disk.watchSync()
      disk.releaseOne()
      wait(for: "the next one") { disk.folderSyncsBeforeSync != nil }

      XCTAssertEqual(disk.folderSyncs, before)

      disk.release()
      wait(for: "the second record") { mail.isDurable(through: next + 1) }
      wait(for: "a segment to go") { disk.folderSyncs > before }
      stop(thread)
    }
  }

  func test_segments_whenNothingIsWritten_areForgottenToTheLast() throws {
    try withThread(segments: 20) { thread, disk, _, next in
      thread.forget(below: next)

      try wait(for: "all but the last and its spare to go") {
        try disk.list().filter { $0.hasSuffix(".seg") }.count <= 3
      }
      stop(thread)
    }
  }

  func test_stop_whileManySegmentsAreForgotten_leavesTheRestInOrder() throws {
    try withThread(segments: 20, folderSyncMicroseconds: 200_000) { thread, disk, _, next in
      let before = disk.folderSyncs
      thread.forget(below: next)
      wait(for: "the first segment to go") { disk.folderSyncs > before }
      stop(thread)
      let found = try JournalRecovery.open(
        on: disk,
        identity: Self.identity,
        options: Self.options,
        neededFrom: next - 1
      )

      XCTAssertGreaterThan(found.journal.firstPosition, 1)
      XCTAssertLessThan(found.journal.firstPosition, next - 20, "most are there still")
      XCTAssertEqual(found.records.last?.position, next - 1)
    }
  }

  private static let identity = [UInt8](repeating: 7, count: 32)
  private static let options = JournalOptions(segmentSizeBytes: 16 << 10)

  /// A thread whose journal has more than so many whole segments, on a disk that takes its time for
  /// its folder.
  private func withThread(
    segments: Int,
    folderSyncMicroseconds: UInt32 = 20_000,
    _ body: (JournalThread, FaultyDisk, Mail, UInt64) throws -> Void
  ) throws {
    let folder = NSTemporaryDirectory() + "journal-thread-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let disk = try FaultyDisk(path: folder)
    var journal = try Journal.create(on: disk, identity: Self.identity, options: Self.options)
    let kilobyte = JournalRecord(payload: [UInt8](repeating: 1, count: 1_000))
    while journal.room.sizeOnDisk <= (segments + 2) * Self.options.segmentSizeBytes {
      try journal.append([kilobyte])
    }
    try journal.sync()
    while try journal.prepareSpare() == .working {}
    disk.slowFolderSyncs(microseconds: folderSyncMicroseconds)
    let next = journal.nextPosition
    let mail = Mail(try Waker())
    let thread = try JournalThread(journal: journal, notices: mail.box)
    try body(thread, disk, mail, next)
  }

  private func stop(_ thread: JournalThread) {
    thread.beginStop()
    XCTAssertTrue(thread.hasEnded(until: .now() + .seconds(60)))
  }

  private final class Mail {
    let box: Mailbox<JournalThread.Notice>
    private var position: UInt64 = 0

    init(_ waker: Waker) { box = Mailbox(waking: waker) }

    func isDurable(through wanted: UInt64) -> Bool {
      for case .durable(let through, _) in box.takeAll() { position = max(position, through) }
      return position >= wanted
    }
  }
}
