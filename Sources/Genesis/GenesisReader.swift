import BSON
import Consensus
import Transport

/// Reads a genesis file and says which of its fields is wrong.
struct GenesisReader {
  private let path: String

  init(path: String) {
    self.path = path
  }

  func read(_ text: String) throws(GenesisError) -> Genesis {
    let file = try document(text)
    let format = try integer(file, "format", "", 0...Int.max)
    let isKeyed = format == Genesis.keyedFormatVersion
    guard isKeyed || format == Genesis.formatVersion else {
      throw wrong("format \(format) is unknown; this program reads 1 and 2")
    }
    let known = ["format", "cluster", "members", "settings"]
    try refuseUnknown(file, "", known + (isKeyed ? ["mode", "scheme", "clients"] : []))
    if isKeyed { try refuseOtherModes(file) }
    let (high, low) = try cluster(file)
    let settings = try object(file["settings"], "settings")
    try refuseUnknown(settings, "settings.", ["session_timeout_ms", "sessions_max"])
    let timeout = try integer(settings, "session_timeout_ms", "settings.", 1_000...86_400_000)
    let sessionsMax = try integer(settings, "sessions_max", "settings.", 1...100_000)
    let configuration = ClusterConfiguration(
      seats: try seats(file, isKeyed ? ["key"] : []),
      sessionTimeoutMicroseconds: UInt64(timeout) * 1_000,
      sessionsMax: UInt32(sessionsMax)
    )
    return Genesis(
      cluster: ClusterID(high: high, low: low),
      configuration: configuration,
      keys: isKeyed ? try keys(file, of: configuration.seats) : nil
    )
  }

  private func document(_ text: String) throws(GenesisError) -> BSONDocument {
    do {
      return try BSONDocument(json: text)
    } catch {
      throw .notJSON(path: path, problem: "\(error)")
    }
  }

  private func cluster(_ file: BSONDocument) throws(GenesisError) -> (UInt64, UInt64) {
    let text = try string(file, "cluster", "")
    guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
      let low = UInt64(text.suffix(16), radix: 16), !text.contains("+")
    else {
      throw wrong("cluster: '\(text)' is not 32 hexadecimal digits")
    }
    return (high, low)
  }

  private func seats(
    _ file: BSONDocument,
    _ further: [String]
  ) throws(GenesisError) -> [ClusterConfiguration.Seat] {
    guard case .array(let values) = file["members"] else {
      throw wrong("members: a list is missing")
    }
    guard (1...Genesis.seatsMax).contains(values.count) else {
      throw wrong("members: \(values.count) members, from 1 to \(Genesis.seatsMax)")
    }
    var seats: [ClusterConfiguration.Seat] = []
    for (index, value) in values.enumerated() {
      seats.append(try seat(value, "members[\(index)]", further))
    }
    guard Set(seats.map(\.member.id)).count == seats.count else {
      throw wrong("members: an id appears twice")
    }
    return seats
  }

  private func seat(
    _ value: BSONValue,
    _ place: String,
    _ further: [String]
  ) throws(GenesisError) -> ClusterConfiguration.Seat {
    let member = try object(value, place)
    try refuseUnknown(member, place + ".", ["id", "incarnation", "client", "peer"] + further)
    let id = try integer(member, "id", place + ".", 1...Int(UInt32.max))
    let digits = try string(member, "incarnation", place + ".")
    guard digits.utf8.count == 16, let incarnation = UInt64(digits, radix: 16), incarnation > 0
    else {
      throw wrong("\(place).incarnation: '\(digits)' is not 16 hexadecimal digits")
    }
    return ClusterConfiguration.Seat(
      member: Member(id: NodeID(UInt32(id)), incarnation: Incarnation(incarnation)),
      clientAddress: try address(member, "client", place),
      peerAddress: try address(member, "peer", place)
    )
  }

  private func address(
    _ member: BSONDocument,
    _ name: String,
    _ place: String
  ) throws(GenesisError) -> String {
    let text = try string(member, name, place + ".")
    do {
      return try SocketAddress(parsing: text).description
    } catch {
      throw wrong("\(place).\(name): \(error)")
    }
  }

  // MARK: - Fields

  func object(
    _ value: BSONValue?,
    _ place: String
  ) throws(GenesisError) -> BSONDocument {
    guard case .document(let document) = value else { throw wrong("\(place): it is no object") }
    return document
  }

  func string(
    _ document: BSONDocument,
    _ name: String,
    _ place: String
  ) throws(GenesisError) -> String {
    guard case .string(let text) = document[name], !text.isEmpty else {
      throw wrong("\(place)\(name): text is missing")
    }
    return text
  }

  func integer(
    _ document: BSONDocument,
    _ name: String,
    _ place: String,
    _ bounds: ClosedRange<Int>
  ) throws(GenesisError) -> Int {
    let number: Int
    switch document[name] {
    case .int32(let value): number = Int(value)
    case .int64(let value): number = Int(value)
    default: throw wrong("\(place)\(name): a whole number is missing")
    }
    guard bounds.contains(number) else { throw wrong("\(place)\(name): \(number) is out of range") }
    return number
  }

  func refuseUnknown(
    _ document: BSONDocument,
    _ place: String,
    _ known: [String]
  ) throws(GenesisError) {
    for field in document.fields where !known.contains(field.name) {
      throw wrong("\(place)\(field.name): nobody knows this field")
    }
  }

  func wrong(_ problem: String) -> GenesisError {
    .wrongField(path: path, problem: problem)
  }
}
