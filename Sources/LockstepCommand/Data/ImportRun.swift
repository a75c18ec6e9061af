import ClientProtocol
import Glibc
import LockstepByzantineClient
import LockstepClient
import Synchronization
import Transport

/// One import: reads lines, keeps many documents under way, counts what comes of them.
@MainActor
final class ImportRun {
  /// How many documents are under way at once.
  private static let underWayMax = 128

  private let invocation: Invocation
  private let idField: String
  private let skipsExisting: Bool
  private let interruption = Interruption()
  private let refusal = Refusal()
  private let retried = RetryCount()
  private var tally = ImportTally(startedAt: MonotonicClock.now())
  private var began = MonotonicClock.now()
  /// The number of the last line that was sent.
  private var lastSent = 0
  private var progress: Progress
  private var bytesRead = 0
  private var failure: CommandFailure?

  init(_ invocation: Invocation) {
    self.invocation = invocation
    idField = invocation.text("id-field")
    skipsExisting = invocation.toggle("skip-existing")
    progress = Progress(total: 0, invocation)
  }

  /// Imports, and returns why it is not complete, if it is not.
  ///
  /// SIGINT and SIGTERM end the sending, and what is under way is waited for; the second ends all.
  func run() async throws(CommandFailure) -> CommandFailure? {
    let (retried, interruption, refusal) = (retried, interruption, refusal)
    let configuration = Client.Configuration { event in
      if case .retrying(let requestID, _, _) = event { retried.note(requestID) }
    }
    var reader = try LineReader(invocation[0])
    reader.isStopped = { interruption.isWanted || refusal.isKnown }
    try Signals.watch([SIGINT, SIGTERM]) { _ in interruption.want() }
    progress = Progress(total: reader.fileSize, invocation)
    let client = try await connect(configuration)
    began = MonotonicClock.now()
    tally = ImportTally(startedAt: began)
    await importLines(from: &reader, into: client.collection(invocation[1]))
    progress.finish()
    await client.close()
    if interruption.isWanted { note(interrupted) }
    if tally.unknown > 0 {
      failure?.hint = adviceOnUnknown
      failure?.exitCode = .noAnswer
    }
    return failure
  }

  private var interrupted: CommandFailure {
    CommandFailure(
      exitCode: .interrupted,
      code: "interrupted",
      message: "\(invocation[0]): interrupted behind line \(lastSent)",
      hint: Self.adviceToGoOn
    )
  }

  private static let adviceToGoOn =
    "the same command with --skip-existing goes on, if each document has an id of its own"

  private var adviceOnUnknown: String {
    "\(tally.unknown) documents may or may not be stored; \(Self.adviceToGoOn)"
  }

  /// The result by its stable names.
  var fields: [JSONValue.Field] {
    let seconds = Double(MonotonicClock.now() - began) / 1e6
    return [
      JSONValue.Field("acknowledged", .integer(tally.acknowledged)),
      JSONValue.Field("failed", .integer(tally.failed)),
      JSONValue.Field("unknown", .integer(tally.unknown)),
      JSONValue.Field("skipped", .integer(tally.skipped)),
      JSONValue.Field("retried", .integer(retried.count)),
      JSONValue.Field("longest_pause_ms", .integer(Int(tally.longestPause / 1_000))),
      JSONValue.Field("acknowledged_before_pause", .integer(tally.acknowledgedBeforePause)),
      JSONValue.Field("seconds", .decimal(seconds, places: 3)),
    ]
  }

  private func connect(
    _ configuration: Client.Configuration
  ) async throws(CommandFailure) -> Client {
    do {
      return try await Client.connect(
        anyMode: Database.url(invocation),
        configuration: configuration
      )
    } catch {
      throw CommandFailure(error)
    }
  }

  // MARK: - Lines

  private struct Line: Sendable {
    let number: Int
    let size: Int
    let id: DocumentID?
    let document: JSON
  }

  /// What came of a line, and when: it may be looked at much later.
  private struct Answer: Sendable {
    let line: Line
    let error: LockstepError?
    let time = MonotonicClock.now()

    /// Whether it ends the import.
    func isFailure(skippingExisting skipsExisting: Bool) -> Bool {
      guard let error else { return false }
      return !(skipsExisting && error.code == .alreadyExists)
    }
  }

  private func importLines(
    from reader: inout LineReader,
    into collection: Collection<JSON>
  ) async {
    await withTaskGroup(of: Answer.self) { group in
      var underWay = 0
      var sent = 0
      while mayGoOn, let line = nextLine(&reader) {
        await waitForTurn(sent)
        if underWay == Self.underWayMax, let answer = await group.next() {
          settle(answer)
          underWay -= 1
        }
        guard mayGoOn else { break }
        lastSent = line.number
        group.addTask { [refusal, skipsExisting] in
          do throws(LockstepError) {
            try await collection.insert(line.document, id: line.id)
            return Answer(line: line, error: nil)
          } catch {
            let answer = Answer(line: line, error: error)
            if answer.isFailure(skippingExisting: skipsExisting) { refusal.note() }
            return answer
          }
        }
        sent += 1
        underWay += 1
      }
      for await answer in group { settle(answer) }
    }
  }

  /// Whether another document may be sent.
  private var mayGoOn: Bool { failure == nil && !refusal.isKnown && !interruption.isWanted }

  /// The next document; nil at the end, and at a line that is none.
  private func nextLine(_ reader: inout LineReader) -> Line? {
    do {
      while let bytes = try reader.next() {
        guard !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) else { continue }
        let document = try DocumentArgument.parse(
          bytes,
          place: reader.path,
          firstLine: reader.line
        )
        let id = try id(of: document, line: reader.line)
        return Line(number: reader.line, size: bytes.count + 1, id: id, document: document)
      }
    } catch {
      note(error)
    }
    return nil
  }

  /// The id, where another field than `_id` holds it.
  private func id(of document: JSON, line: Int) throws(CommandFailure) -> DocumentID? {
    guard idField != "_id" else {
      guard skipsExisting, document["_id"] == nil else { return nil }
      let problem = "no _id, so that --skip-existing cannot tell whether it is there"
      throw CommandFailure(.invalidID, "\(invocation[0]): line \(line): \(problem)")
    }
    guard let value = document[idField] else {
      throw CommandFailure(.invalidID, "\(invocation[0]): line \(line): no field '\(idField)'")
    }
    do {
      return try DocumentID(value)
    } catch {
      throw CommandFailure(.invalidID, "\(invocation[0]): line \(line): \(error.message)")
    }
  }

  /// Waits until the rate allows another document.
  private func waitForTurn(_ sent: Int) async {
    guard let rate = invocation.optionalInteger("rate") else { return }
    let due = began + UInt64(sent) * 1_000_000 / UInt64(rate)
    let now = MonotonicClock.now()
    guard due > now else { return }
    // Only a cancelled task wakes early, and nobody cancels this one.
    try? await Task.sleep(for: .microseconds(due - now))
  }

  private func settle(_ answer: Answer) {
    bytesRead += answer.line.size
    if let error = answer.error {
      guard answer.isFailure(skippingExisting: skipsExisting) else { return tally.skip() }
      var failed = CommandFailure(error)
      if error.code == .alreadyExists {
        failed.hint = "--skip-existing passes over documents that are there"
      }
      tally.fail(isOutcomeUnknown: failed.isOutcomeUnknown)
      failed.message = "\(invocation[0]): line \(answer.line.number): \(failed.message)"
      note(failed)
    } else {
      tally.acknowledge(at: answer.time)
    }
    let time = Int(MonotonicClock.now() - began)
    progress.show(done: bytesRead, items: tally.acknowledged, atMicroseconds: time)
  }

  /// Keeps the first failure: nothing is sent after it.
  private func note(_ found: CommandFailure) {
    if failure == nil { failure = found }
  }
}

/// Whether somebody wants it to end.
private final class Interruption: Sendable {
  private let wanted = Atomic(false)

  var isWanted: Bool { wanted.load(ordering: .acquiring) }

  /// The second who wants it does not wait for what is under way.
  func want() {
    guard wanted.exchange(true, ordering: .acquiringAndReleasing) else { return }
    _exit(ExitCode.interrupted.rawValue)
  }
}

/// Whether a document has failed; known as soon as its answer is there, and not when its turn
/// comes to be looked at.
private final class Refusal: Sendable {
  private let known = Atomic(false)

  var isKnown: Bool { known.load(ordering: .acquiring) }

  func note() { known.store(true, ordering: .releasing) }
}

/// Counts the calls that had to be sent again.
private final class RetryCount: Sendable {
  private let requests = Mutex(Set<UInt64>())

  func note(_ requestID: UInt64) {
    requests.withLock { _ = $0.insert(requestID) }
  }

  var count: Int { requests.withLock { $0.count } }
}
