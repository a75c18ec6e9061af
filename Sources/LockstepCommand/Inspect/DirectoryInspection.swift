import ClientProtocol
import Consensus
import Storage
import Wire

/// A data directory on its way to a table: what was read of it, and the damage met so far.
struct DirectoryInspection {
  let path: String
  let survey: DirectorySurvey
  /// Every damaged place met so far: file, offset and reason.
  private(set) var damage: [String] = []

  static let segmentTitles = [
    "segment", "first", "last", "records", "votes", "used", "size", "sealed", "damaged",
  ]

  init(path: String) throws(CommandFailure) {
    self.path = path
    do {
      survey = try DirectorySurvey(of: try PosixDisk(path: path, readOnly: true))
    } catch {
      throw CommandFailure(unwrapping: error, at: path)
    }
    damage = survey.problems.map { "\($0.file): \($0.what)" }
  }

  /// The numbers of the segments to show.
  func segments(only number: Int?) throws(CommandFailure) -> [UInt64] {
    guard let number else { return survey.segments }
    guard survey.segments.contains(UInt64(number)) else {
      throw CommandFailure(
        exitCode: .notFound,
        code: "file_missing",
        message: "\(path) has no segment \(number)",
        hint: "lockstep inspect journal \(path)"
      )
    }
    return [UInt64(number)]
  }

  /// Reads a segment and remembers its damage; nil if a running node has forgotten it meanwhile.
  mutating func segment(_ number: UInt64) throws(CommandFailure) -> SegmentSurvey? {
    do {
      let segment = try survey.segment(number)
      note(segment.damage, in: segment.fileName)
      return segment
    } catch .missing {
      return nil
    } catch {
      throw CommandFailure.of(code: error.code, "\(path): \(error)")
    }
  }

  /// The names and sizes of all files; what is none, such as a folder, has no size.
  func fileFields() -> [[JSONValue.Field]] {
    survey.files.map { Self.file($0.name, .integer($0.size)) }
      + survey.others.map { Self.file($0, .null) }
  }

  private static func file(_ name: String, _ size: JSONValue) -> [JSONValue.Field] {
    [JSONValue.Field("file", .text(name)), JSONValue.Field("size", size)]
  }

  /// A row of the table of segments, if the segment is there.
  mutating func segmentFields(_ number: UInt64) throws(CommandFailure) -> [JSONValue.Field]? {
    guard let segment = try segment(number) else { return nil }
    let first = segment.firstPosition ?? segment.records.first?.position
    return [
      JSONValue.Field("segment", .whole(number)),
      JSONValue.Field("first", first.map { .whole($0) } ?? .null),
      JSONValue.Field("last", segment.records.last.map { .whole($0.position) } ?? .null),
      JSONValue.Field("records", .integer(segment.records.count)),
      JSONValue.Field("votes", .integer(segment.records.count { $0.isVital })),
      JSONValue.Field("used", .integer(segment.end)),
      JSONValue.Field("size", .integer(segment.size)),
      JSONValue.Field("sealed", .truth(segment.isSealed)),
      JSONValue.Field("damaged", .integer(segment.damage.count)),
      JSONValue.Field("file", .text(segment.fileName)),
      JSONValue.Field("damage", Self.list(segment.damage)),
    ]
  }

  /// Remembers damage of a file, once.
  mutating func note(_ places: [SurveyedDamage], in file: String) {
    damage += places.map { Self.line(file, $0) }.filter { !damage.contains($0) }
  }

  /// For people, each damaged place behind the table.
  func printDamage() {
    for line in damage { StandardStream.output.writeLine("damaged: \(line)") }
  }

  /// Ends the command with the status of a failed check.
  func failIfDamaged() throws(CommandFailure) {
    guard let first = damage.first else { return }
    let more = damage.count == 1 ? "" : ", and \(damage.count - 1) more"
    throw CommandFailure(
      exitCode: .checkFailed,
      code: "directory_damaged",
      message: "\(path): \(first)\(more)"
    )
  }

  static func list(_ places: [SurveyedDamage]) -> JSONValue {
    .list(
      places.map {
        .object([
          JSONValue.Field("offset", .integer($0.offset)),
          JSONValue.Field("end", .integer($0.end)),
          JSONValue.Field("what", .text($0.what)),
        ])
      }
    )
  }

  private static func line(_ file: String, _ place: SurveyedDamage) -> String {
    "\(file) offset \(place.offset) to \(place.end): \(place.what)"
  }
}
