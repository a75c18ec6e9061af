import BSON
import Consensus

extension Genesis {
  /// The version of the form without keys, mode raft.
  static let formatVersion = 1
  /// The version of the form with mode and keys.
  static let keyedFormatVersion = 2

  /// The text of a genesis file, one member a line.
  package var fileText: String {
    let timeout = configuration.sessionTimeoutMicroseconds / 1_000
    let settings =
      "{\"session_timeout_ms\": \(timeout), \"sessions_max\": \(configuration.sessionsMax)}"
    var parts = ["\"format\": \(keys == nil ? Self.formatVersion : Self.keyedFormatVersion)"]
    if keys != nil { parts += ["\"mode\": \"bft\"", "\"scheme\": \"ed25519\""] }
    parts.append("\"cluster\": \"\(cluster)\"")
    parts.append(Self.list("members", memberRows))
    if let keys { parts.append(Self.list("clients", keys.clients.map(Self.row))) }
    parts.append("\"settings\": \(settings)")
    return "{\n  \(parts.joined(separator: ",\n  "))\n}\n"
  }

  private var memberRows: [String] {
    configuration.seats.enumerated().map { index, seat in
      let fields = [
        ("incarnation", Self.hexadecimal(seat.member.incarnation.rawValue)),
        ("client", seat.clientAddress),
        ("peer", seat.peerAddress),
      ]
      let key = keys.map { [("key", "\($0.members[index])")] } ?? []
      return "{\"id\":\(seat.member.id.rawValue),\(Self.members(fields + key))}"
    }
  }

  private static func row(_ client: GenesisKeys.Client) -> String {
    "{\(members([("name", client.name), ("key", "\(client.key)")]))}"
  }

  private static func members(_ fields: [(name: String, text: String)]) -> String {
    fields.map { "\"\($0.name)\":\(JSONText.quoted($0.text))" }.joined(separator: ",")
  }

  private static func list(_ name: String, _ rows: [String]) -> String {
    "\"\(name)\": [\n    \(rows.joined(separator: ",\n    "))\n  ]"
  }

  /// Reads a genesis file, strictly: nothing missing, nothing unknown, nothing twice.
  package init(path: String, text: String) throws(GenesisError) {
    let reader = GenesisReader(path: path)
    self = try reader.read(text)
  }

  /// 16 hexadecimal digits.
  package static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
