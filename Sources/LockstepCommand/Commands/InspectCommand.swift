import ClientProtocol
import Consensus
import Storage
import Wire

/// `lockstep inspect meta`, `journal` and `snapshot`: a data directory as it lies there.
///
/// Nothing is locked, repaired or written, so that a dead node's directory stays evidence.
enum InspectCommand {
  static let rows = [
    CommandRow(
      "inspect meta",
      "shows whose data directory it is and what lies in it",
      arguments: [Argument("DIR", "a node's data directory")],
      action: meta
    ).explained(details, examples: ["inspect meta node1", "inspect meta node1 -o json"]),
    CommandRow(
      "inspect journal",
      "shows a journal's segments or records, and every damaged place",
      arguments: [Argument("DIR", "a node's data directory")],
      flags: [
        Flag("records", .toggle, "show each record instead of each segment"),
        Flag("segment", .integer(1...Int.max >> 1), "only this segment"),
      ],
      action: journal
    ).explained(
      details + [
        "Behind the last whole record of a journal there may be part of a batch that was never "
          + "synced, which is no damage: it was promised to nobody."
      ],
      examples: [
        "inspect journal node1", "inspect journal node1 --records --segment 1",
        "inspect journal node1 --records -o ndjson",
      ]
    ),
    CommandRow(
      "inspect snapshot",
      "shows the snapshots, each read through and checked",
      arguments: [Argument("DIR", "a node's data directory")],
      action: snapshot
    ).explained(details, examples: ["inspect snapshot node1", "inspect snapshot node1 -o json"]),
  ]

  private static let details = [
    "It reads only: no lock is taken, nothing is repaired. Beside a running server it shows a "
      + "moment, and the newest batch may look unfinished. What is damaged is shown with file, "
      + "offset and reason; the exit status is then 9."
  ]

  @MainActor
  static func meta(_ invocation: Invocation) async throws(CommandFailure) {
    let survey = try DirectoryInspection(path: invocation[0])
    Output(invocation).printResult(try survey.metaFields())
    try survey.failIfDamaged()
  }

  @MainActor
  static func journal(_ invocation: Invocation) async throws(CommandFailure) {
    var inspection = try DirectoryInspection(path: invocation[0])
    let output = Output(invocation)
    let numbers = try inspection.segments(only: invocation.optionalInteger("segment"))
    if invocation.toggle("records") {
      try printRecords(of: numbers, &inspection, output)
    } else {
      var rows: [[JSONValue.Field]] = []
      for number in numbers {
        if let row = try inspection.segmentFields(number) { rows.append(row) }
      }
      output.printList(rows, titles: DirectoryInspection.segmentTitles)
    }
    if output.form == .table { inspection.printDamage() }
    try inspection.failIfDamaged()
  }

  /// As lines, a journal of any size passes through segment by segment.
  private static func printRecords(
    of numbers: [UInt64],
    _ inspection: inout DirectoryInspection,
    _ output: Output
  ) throws(CommandFailure) {
    var rows: [[JSONValue.Field]] = []
    for number in numbers {
      rows += try inspection.recordFields(number)
      if output.form == .ndjson {
        output.printList(rows, titles: [])
        rows = []
      }
    }
    if output.form != .ndjson {
      output.printList(rows, titles: DirectoryInspection.recordTitles)
    }
  }

  @MainActor
  static func snapshot(_ invocation: Invocation) async throws(CommandFailure) {
    var inspection = try DirectoryInspection(path: invocation[0])
    let output = Output(invocation)
    output.printList(
      try inspection.snapshotFields(),
      titles: DirectoryInspection.snapshotTitles
    )
    if output.form == .table { inspection.printDamage() }
    try inspection.failIfDamaged()
  }
}
