import BSON
import Glibc
import Transport

/// Structured words about what happens, on standard error: one line an event.
///
/// Every event has a stable name (`raft.leader.changed`) that tests and docs refer to. Bodies of
/// documents never appear. A name that comes more than 20 times a second is counted, not printed.
package struct EventLog: Sendable {
  /// How a line looks.
  package enum Format: String, CaseIterable, Sendable {
    /// Human on a terminal, logfmt otherwise.
    case auto
    /// `14:02:11.259 info  raft.leader.changed leader=n2 term=3`
    case human
    /// `ts=… level=info event=raft.leader.changed leader=n2 term=3`
    case logfmt
    /// One JSON object.
    case json
  }

  /// How much an event matters.
  package enum Level: String, Sendable {
    /// The ordinary course of things.
    case info
    /// Something to look at.
    case warning
    /// Something is broken.
    case error
  }

  /// Where lines go.
  package enum Sink: Sendable {
    /// Standard error; a line that nobody takes at once is dropped and counted, because the one
    /// who writes must never wait.
    case standardError
    /// A function that is handed each line.
    case lines(@Sendable (String) -> Void)
  }

  private static let repeatsPerSecondMax = 20
  /// What a pipe takes whole or not at all (POSIX says at least 512; Linux 4,096).
  private static let lineSizeMax = 4_096

  private let format: Format
  private let node: UInt32
  private let sink: Sink
  private var droppedCount = 0
  private var second: UInt64 = 0
  private var counts: [(event: String, count: Int)] = []

  /// A log of one node.
  package init(format: Format, node: UInt32, sink: Sink = .standardError) {
    let isTerminal = isatty(STDERR_FILENO) == 1
    self.format = format == .auto ? (isTerminal ? .human : .logfmt) : format
    self.node = node
    self.sink = sink
  }

  /// Says what happened.
  package mutating func say(
    _ level: Level,
    _ event: String,
    _ fields: [(name: String, value: String)] = []
  ) {
    let wall = WallClock.milliseconds()
    if droppedCount > 0, isTakingLines {
      let count = droppedCount
      droppedCount = 0
      write(line(.warning, "log.dropped", [("count", "\(count)")], at: wall))
      if droppedCount > 0 { droppedCount += count }
    }
    for suppressed in startSecond(wall / 1_000) {
      write(
        line(
          .info,
          "log.suppressed",
          [("repeated", suppressed.event), ("count", suppressed.text)],
          at: wall
        )
      )
    }
    guard mayPrint(event) else { return }
    write(line(level, event, fields, at: wall))
  }

  /// Begins to count anew each second; what was too much in the last one is told once.
  private mutating func startSecond(_ now: UInt64) -> [(event: String, text: String)] {
    guard now != second else { return [] }
    second = now
    let tooMany = counts.filter { $0.count > Self.repeatsPerSecondMax }
    counts.removeAll(keepingCapacity: true)
    return tooMany.map { ($0.event, "\($0.count - Self.repeatsPerSecondMax)") }
  }

  private mutating func mayPrint(_ event: String) -> Bool {
    if let index = counts.firstIndex(where: { $0.event == event }) {
      counts[index].count += 1
      return counts[index].count <= Self.repeatsPerSecondMax
    }
    counts.append((event, 1))
    return true
  }

  private func line(
    _ level: Level,
    _ event: String,
    _ fields: [(name: String, value: String)],
    at wall: UInt64
  ) -> String {
    switch format {
    case .auto, .human:
      let text = fields.map { " \($0.name)=\(quoted($0.value))" }.joined()
      let padding = String(repeating: " ", count: max(0, 8 - level.rawValue.count))
      return "\(LogTime.timeOfDay(wall)) \(level.rawValue)\(padding)n\(node) \(event)\(text)\n"
    case .logfmt:
      let all = [
        ("ts", LogTime.timestamp(wall)), ("level", level.rawValue), ("node", "\(node)"),
        ("event", event),
      ]
      let text = (all + fields).map { "\($0.0)=\(quoted($0.1))" }.joined(separator: " ")
      return text + "\n"
    case .json:
      let all = [("ts", LogTime.timestamp(wall)), ("level", level.rawValue), ("event", event)]
      let members = (all + fields).map { ",\(JSONText.quoted($0.0)):\(JSONText.quoted($0.1))" }
      return "{\"node\":\(node)\(members.joined())}\n"
    }
  }

  private func quoted(_ value: String) -> String {
    let isPlain = value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D && $0 < 0x7F }
    return isPlain && !value.isEmpty ? value : JSONText.quoted(value)
  }

  private mutating func write(_ line: String) {
    switch sink {
    case .lines(let take): take(line)
    case .standardError: writeToStandardError(line)
    }
  }

  private mutating func writeToStandardError(_ line: String) {
    var bytes = Array(line.utf8)
    if bytes.count > Self.lineSizeMax {
      bytes.removeLast(bytes.count - Self.lineSizeMax + 1)
      bytes.append(0x0A)
    }
    guard isTakingLines else {
      droppedCount += 1
      return
    }
    // The buffer covers exactly `bytes`.
    let written = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
    }
    if written < 0 { droppedCount += 1 }
  }

  /// Whether standard error takes a line at once: a pipe that is not read must not stop the node.
  private var isTakingLines: Bool {
    var request = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    // `request` outlives the call, which reads and writes exactly one `pollfd`.
    return unsafe poll(&request, 1, 0) == 1
  }
}
