import Glibc
package import Linearizability
import Synchronization
import Transport

/// Writes a history while it happens, and keeps of each operation what the report counts.
///
/// A line is written before its call begins, or behind its end, and all lines have one order: so
/// what the file says is one after the other was so.
package final class HistoryRecorder: Sendable {
  /// Bytes are handed to the system in pieces of about this size.
  private static let pieceSize = 64 << 10

  private struct Records {
    var text: [UInt8] = []
    var samples: [CallSample] = []
    var openCount = 0
    /// Why the file could not be written.
    var problem: String?
  }

  /// The file.
  package let path: String
  private let descriptor: Int32
  private let began = Atomic(MonotonicClock.now())
  private let records = Mutex(Records())

  /// A recorder that writes a new file; its time begins now.
  package init(_ path: String) throws(HarnessError) {
    self.path = path
    // `open` reads the path up to its end and keeps nothing.
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .file(path: path, reason: SystemText.problem(errno)) }
  }

  deinit { Glibc.close(descriptor) }

  /// Microseconds since the beginning.
  package var now: Int64 { Int64(MonotonicClock.now() - began.load(ordering: .relaxed)) }

  /// The run begins now.
  func startClock() {
    began.store(MonotonicClock.now(), ordering: .relaxed)
  }

  /// The operations that have ended.
  package var samples: [CallSample] { records.withLock { $0.samples } }

  /// How many operations have ended.
  package var count: Int { records.withLock { $0.samples.count } }

  /// How many operations are under way.
  package var openCount: Int { records.withLock { $0.openCount } }

  /// An operation is about to begin; returns when.
  func begin(_ call: WorkloadCall, by process: Int) -> Int64 {
    records.withLock { $0.openCount += 1 }
    return line("\(process)", "invoke", call, call.value, nil)
  }

  /// An operation has ended, which began at that time.
  func end(_ call: WorkloadCall, by process: Int, _ ending: CallEnding, since began: Int64) {
    let (word, value, reason, kind): (String, HistoryValue, String?, CallSample.Ending) =
      switch ending {
      case .ok(let value): ("ok", value, nil, .ok)
      case .fail(let reason): ("fail", call.value, reason, .fail)
      case .info(let reason): ("info", call.value, reason, .info)
      }
    let now = line("\(process)", word, call, value, reason)
    let sample = CallSample(began: began, took: now - began, ending: kind, isRead: call.isRead)
    records.withLock { records in
      records.samples.append(sample)
      records.openCount -= 1
    }
  }

  /// A fault begins or ends; returns when.
  @discardableResult
  package func fault(_ name: String, _ value: HistoryValue = .null) -> Int64 {
    line("\"nemesis\"", "info", WorkloadCall(name, nil), value, nil)
  }

  /// A fault begins, or ends if the effect says when.
  package func note(_ effect: FaultEffect) {
    let value = HistoryValue.object([
      ("nodes", .list(effect.targets.map { .integer(Int64($0)) })),
      ("felt", .integer(Int64(effect.feltCount))),
      ("words", HistoryValue(effect.words)),
    ])
    fault((effect.to == nil ? "begin " : "end ") + effect.kind.rawValue, value)
  }

  /// Every fault has ended.
  package func healed() {
    fault("healed")
  }

  /// Writes what is still in memory.
  package func finish() throws(HarnessError) {
    let problem = records.withLock { records in
      write(&records)
      return records.problem
    }
    if let problem { throw .file(path: path, reason: problem) }
  }

  private func line(
    _ process: String,
    _ type: String,
    _ call: WorkloadCall,
    _ value: HistoryValue,
    _ reason: String?
  ) -> Int64 {
    let key = call.key.map { ",\"key\":\(HistoryValue($0))" } ?? ""
    let words =
      "{\"process\":\(process),\"type\":\"\(type)\",\"f\":\"\(call.function)\"\(key)"
      + ",\"value\":\(value)" + (reason.map { ",\"error\":\(HistoryValue($0))" } ?? "")
    return records.withLock { records in
      // The time is taken in the lock, so that it grows from line to line.
      let now = now
      records.text += Array("\(words),\"time\":\(now * 1_000)}\n".utf8)
      if records.text.count >= Self.pieceSize { write(&records) }
      return now
    }
  }

  private func write(_ records: inout Records) {
    var rest = records.text[...]
    while !rest.isEmpty, records.problem == nil {
      // `write` reads at most the slice's own bytes.
      let count = unsafe rest.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        records.problem = SystemText.problem(errno)
      }
    }
    records.text.removeAll(keepingCapacity: true)
  }
}
