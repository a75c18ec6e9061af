import Consensus
import Genesis
import Raft
import Server
import Storage
import Wire

extension DirectoryInspection {
  static let snapshotTitles = ["index", "term", "members", "pieces", "size", "damaged", "file"]

  /// One row for each snapshot, read through.
  mutating func snapshotFields() throws(CommandFailure) -> [[JSONValue.Field]] {
    guard let owner = owner() else { return [] }
    var cluster = ByteWriter()
    cluster.write(owner.cluster)
    var rows: [[JSONValue.Field]] = []
    do {
      for snapshot in try survey.snapshots(cluster: cluster.bytes) {
        note(snapshot.damage, in: snapshot.fileName)
        rows.append([
          JSONValue.Field("index", .whole(snapshot.index)),
          JSONValue.Field("term", snapshot.file.map { .whole($0.term) } ?? .null),
          JSONValue.Field("members", Self.members(in: snapshot.file?.head ?? [])),
          JSONValue.Field("pieces", .integer(snapshot.pieceSizes.count)),
          JSONValue.Field("size", .integer(snapshot.size)),
          JSONValue.Field("damaged", .integer(snapshot.damage.count)),
          JSONValue.Field("file", .text(snapshot.fileName)),
          JSONValue.Field("damage", Self.list(snapshot.damage)),
        ])
      }
    } catch {
      throw CommandFailure.of(code: error.code, "\(path): \(error)")
    }
    return rows
  }

  /// The voters that the snapshot's mark names; a later version's mark is shown without them.
  private static func members(in head: [UInt8]) -> JSONValue {
    var reader = ByteReader(head)
    do {
      let seats = try reader.read(SnapshotMark.self).configuration.seats
      return .text(seats.map { "\($0.member.id)" }.joined(separator: " "))
    } catch {
      return .null
    }
  }

  /// Whose directory it is, and how much lies in it.
  func metaFields() throws(CommandFailure) -> [JSONValue.Field] {
    let owner = owner()
    let sizes = survey.files.map(\.size)
    return [
      JSONValue.Field("cluster", owner.map { .text("\($0.cluster)") } ?? .null),
      JSONValue.Field("node", owner.map { .whole($0.member.id.rawValue) } ?? .null),
      JSONValue.Field("incarnation", owner.map { .text(Self.hex($0.member)) } ?? .null),
      JSONValue.Field("boot", survey.bootNumber.map { .whole($0) } ?? .null),
      JSONValue.Field("last_process", survey.lastProcess.map { .text($0) } ?? .null),
    ] + (try newestFields()) + [
      JSONValue.Field("segments", .integer(survey.segments.count)),
      JSONValue.Field("spares", .integer(count { $0.hasPrefix("journal-spare-") })),
      JSONValue.Field("snapshots", .integer(count { $0.hasSuffix(".snap") })),
      JSONValue.Field("files", .integer(survey.files.count)),
      JSONValue.Field("bytes", .integer(sizes.reduce(0, +))),
      JSONValue.Field("others", .list(survey.others.map { .text($0) })),
      JSONValue.Field("problems", .list(damage.map { .text($0) })),
    ]
  }

  /// Term, vote and last position, as the newest segment knows them.
  private func newestFields() throws(CommandFailure) -> [JSONValue.Field] {
    guard let number = survey.segments.last else { return [] }
    do {
      let segment = try survey.segment(number)
      let vital = segment.records.last { $0.isVital }?.payload ?? segment.vitalBefore?.payload
      let last = segment.records.last?.position ?? segment.firstPosition.map { $0 - 1 }
      return (isByzantine ? [] : Self.voteFields(vital)) + [
        JSONValue.Field("last_position", last.map { .whole($0) } ?? .null)
      ]
    } catch {
      throw CommandFailure.of(code: error.code, "\(path): \(error)")
    }
  }

  private static func voteFields(_ payload: [UInt8]?) -> [JSONValue.Field] {
    var reader = ByteReader(payload ?? [])
    do {
      guard case .hardState(let term, let votedFor) = try RaftRecord(from: &reader) else {
        return []
      }
      return [
        JSONValue.Field("term", .whole(term.rawValue)),
        JSONValue.Field(
          "voted_for",
          votedFor.map { .whole($0.id.rawValue) } ?? .null
        ),
      ]
    } catch {
      return [JSONValue.Field("term", .null), JSONValue.Field("voted_for", .null)]
    }
  }

  /// What the identity says, in the server's words.
  func owner() -> DirectoryOwner? {
    try? DirectoryOwner(payload: survey.identity?.payload ?? [])
  }

  /// Whether the records are those of mode bft.
  var isByzantine: Bool { owner()?.genesisDigest != nil }

  private func count(_ isWanted: (String) -> Bool) -> Int {
    survey.files.count { isWanted($0.name) }
  }

  private static func hex(_ member: Member) -> String {
    Genesis.hexadecimal(member.incarnation.rawValue)
  }
}
