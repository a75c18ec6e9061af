import Consensus
import Raft
import Storage
import Wire

extension DirectoryInspection {
  static let recordTitles = [
    "position", "segment", "offset", "size", "synced", "kind", "index", "term", "what",
  ]

  /// The rows of a segment's records, each damaged place in its turn.
  mutating func recordFields(_ number: UInt64) throws(CommandFailure) -> [[JSONValue.Field]] {
    guard let segment = try segment(number) else { return [] }
    let meaning = isByzantine ? Self.byzantineMeaning : Self.meaning
    var damage = segment.damage[...]
    var rows: [[JSONValue.Field]] = []
    for record in segment.records {
      while let place = damage.first, place.offset < record.offset {
        rows.append(Self.fields(of: place, in: number))
        damage.removeFirst()
      }
      rows.append(Self.fields(of: record, in: number) + meaning(record.payload))
    }
    return rows + damage.map { Self.fields(of: $0, in: number) }
  }

  private static func fields(of place: SurveyedDamage, in segment: UInt64) -> [JSONValue.Field] {
    [
      JSONValue.Field("position", .null),
      JSONValue.Field("segment", .whole(segment)),
      JSONValue.Field("offset", .integer(place.offset)),
      JSONValue.Field("size", .integer(place.end - place.offset)),
      JSONValue.Field("kind", .text("damaged")),
      JSONValue.Field("what", .text(place.what)),
    ]
  }

  private static func fields(of record: SurveyedRecord, in segment: UInt64) -> [JSONValue.Field] {
    [
      JSONValue.Field("position", .whole(record.position)),
      JSONValue.Field("segment", .whole(segment)),
      JSONValue.Field("offset", .integer(record.offset)),
      JSONValue.Field("size", .integer(record.payload.count)),
      JSONValue.Field("synced", .whole(record.durableThrough)),
    ]
  }

  /// What Raft wrote into a record; a later version's records are shown without it.
  private static func meaning(of payload: [UInt8]) -> [JSONValue.Field] {
    do {
      switch try RaftRecord(decoding: payload) {
      case .hardState(let term, let votedFor):
        let vote = votedFor.map { "voted for \($0.id)" } ?? "voted for nobody"
        return [kind("vote"), JSONValue.Field("term", .whole(term.rawValue)), what(vote)]
      case .entry(let index, let entry):
        return [
          kind("entry"),
          JSONValue.Field("index", .whole(index.rawValue)),
          JSONValue.Field("term", .whole(entry.term.rawValue)),
          what(sentence(entry.payload)),
        ]
      case .truncate(let index):
        return [
          kind("truncate"),
          JSONValue.Field("index", .whole(index.rawValue)),
          what("the log ends before it"),
        ]
      case .restart(let mark):
        return [
          kind("restart"),
          JSONValue.Field("index", .whole(mark.index.rawValue)),
          JSONValue.Field("term", .whole(mark.term.rawValue)),
          what("a snapshot took the log's place"),
        ]
      case .admission(let record):
        let known = record.memory.map { "\($0.member.id) boot \($0.boot) at \($0.position)" }
        return [
          kind("admission"),
          what("\(record.progress); remembers " + known.joined(separator: ", ")),
        ]
      case .repair(let mark):
        return [
          kind("repair"),
          JSONValue.Field("index", .whole(mark.index.rawValue)),
          JSONValue.Field("term", .whole(mark.term.rawValue)),
          what("something is lost; the log goes on from here"),
        ]
      case .repaired: return [kind("repaired"), what("nothing is missing any more")]
      }
    } catch {
      return [kind("unknown"), what("\(error)")]
    }
  }

  private static func sentence(_ payload: Committed.Payload) -> String {
    switch payload {
    case .request(let request), .signed(let request, _):
      "\(request.kind) of session \(request.session)" + size(of: request)
    case .noOp: "no-op"
    case .configuration(let configuration):
      "members " + configuration.seats.map { "\($0.member.id)" }.joined(separator: " ")
    }
  }

  private static func size(of request: ClientRequest) -> String {
    guard request.kind == .write else { return "" }
    return ", sequence \(request.sequence), \(request.command.count) bytes"
  }

  static func kind(_ kind: String) -> JSONValue.Field {
    JSONValue.Field("kind", .text(kind))
  }

  static func what(_ text: String) -> JSONValue.Field {
    JSONValue.Field("what", .text(text))
  }
}
