import ClientProtocol
import LockstepClient
import Storage
import Transport

/// Everything that helps others to understand a cluster's trouble, and nothing that is theirs to
/// know: no document, key or command, no secret.
struct DebugBundle {
  /// The end of each log that is taken.
  static let logSizeMax = 1 << 20
  /// The newest records of each journal that are listed.
  static let recordsMax = 2_000
  /// The bundle never grows larger.
  static let sizeMax = 64 << 20

  private var archive: TarArchive
  /// What is in it, in order.
  private(set) var names: [String] = []
  /// What could not be had, and why.
  private(set) var problems: [String] = []
  /// How many sources gave something.
  private(set) var sourcesCount = 0

  init(milliseconds: UInt64) {
    archive = TarArchive(seconds: milliseconds / 1_000)
    add(
      "version.json",
      line([
        JSONValue.Field("version", .text(lockstepVersion)),
        JSONValue.Field("created_ms", .integer(Int(clamping: milliseconds))),
      ])
    )
  }

  /// How each node stands, with all its figures.
  mutating func add(_ status: ClusterStatus) {
    let rows = status.nodes.map { JSONValue.object(ClusterTable.fields(of: $0)).json + "\n" }
    add("nodes.ndjson", rows.joined())
    let members = status.nodes.map { JSONValue.object(ClusterTable.memberFields(of: $0)).json }
    add("members.ndjson", members.map { $0 + "\n" }.joined())
    for node in status.nodes where node.figures == nil {
      problems.append("\(node.address): no answer")
    }
    if status.leader == nil { problems.append("no node leads") }
    if status.nodes.contains(where: { $0.figures != nil }) { sourcesCount += 1 }
  }

  /// What could not be had.
  mutating func note(_ problem: CommandFailure) {
    problems.append(Redaction.line("\(problem.message) (\(problem.code))"))
  }

  /// What lies in a data directory: files, segments, snapshots, the heads of the newest records.
  mutating func add(directory path: String, number: Int) {
    do throws(CommandFailure) {
      var inspection = try DirectoryInspection(path: path)
      let folder = "data\(number)/"
      add(folder + "meta.json", line(try inspection.metaFields()))
      sourcesCount += 1
      add(folder + "files.ndjson", lines(inspection.fileFields()))
      let segments = try inspection.segments(only: nil)
      var rows: [[JSONValue.Field]] = []
      var records: [[JSONValue.Field]] = []
      for segment in segments {
        if let row = try inspection.segmentFields(segment) { rows.append(row) }
      }
      for segment in segments.reversed() where records.count < Self.recordsMax {
        records = try inspection.recordFields(segment) + records
      }
      add(folder + "journal.ndjson", lines(rows))
      add(folder + "records.ndjson", lines(records.suffix(Self.recordsMax)))
      add(folder + "snapshots.ndjson", lines(try inspection.snapshotFields()))
      problems += inspection.damage.map { "\(path): \($0)" }
    } catch {
      note(error)
    }
  }

  /// The end of a log file.
  mutating func add(log path: String, number: Int) {
    do throws(CommandFailure) {
      let (disk, name) = try BackupCommands.place(of: path, isNew: false)
      let text = try Self.end(of: name, on: disk, path)
      let kept = text.lines.map { Redaction.line(String($0)) }
      add("logs/\(number)-\(Self.plain(name))", kept.joined(separator: "\n"))
      sourcesCount += 1
    } catch {
      note(error)
    }
  }

  /// The bundle's bytes.
  consuming func finished() -> [UInt8] {
    add("problems.txt", problems.map { $0 + "\n" }.joined())
    return archive.finished()
  }

  private mutating func add(_ name: String, _ text: String) {
    let content = Array(text.utf8)
    guard archive.bytes.count + content.count <= Self.sizeMax else {
      problems.append("\(name): left out, the bundle would be larger than 64 MiB")
      return
    }
    archive.add(name, content)
    names.append(name)
  }

  private func line(_ fields: [JSONValue.Field]) -> String {
    JSONValue.object(fields).json + "\n"
  }

  private func lines(_ rows: some Sequence<[JSONValue.Field]>) -> String {
    rows.map { line($0) }.joined()
  }

  private static func end(
    of name: String,
    on disk: PosixDisk,
    _ path: String
  ) throws(CommandFailure) -> String {
    do {
      let file = try disk.open(name)
      let size = try disk.size(of: file)
      let start = max(0, size - logSizeMax)
      let text = String(
        decoding: try disk.read(file, at: start, count: size - start),
        as: UTF8.self
      )
      // The first line is cut somewhere.
      guard start > 0, let end = text.utf8.firstIndex(of: UInt8(ascii: "\n"))
      else { return text }
      return String(text[text.utf8.index(after: end)...])
    } catch {
      throw .file(path, "it cannot be read")
    }
  }

  /// A name that any system takes.
  private static func plain(_ name: String) -> String {
    String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" }.suffix(60)
    )
  }
}
