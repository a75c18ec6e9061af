import BSON
import ClientProtocol
import Consensus

extension Genesis {
  /// The version of the form without keys, mode raft.
  static let formatVersion = 1
  /// The version of the form with mode and keys.
  static let keyedFormatVersion = 2

  /// The text of a genesis file, one member a line.
  var fileText: String {
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

  private var memberRows: [JSONValue] {
    configuration.seats.enumerated().map { index, seat in
      var fields = [
        JSONValue.Field("id", .integer(Int(seat.member.id.rawValue))),
        JSONValue.Field("incarnation", .text(Self.hexadecimal(seat.member.incarnation.rawValue))),
        JSONValue.Field("client", .text(seat.clientAddress)),
        JSONValue.Field("peer", .text(seat.peerAddress)),
      ]
      if let keys { fields.append(JSONValue.Field("key", .text("\(keys.members[index])"))) }
      return .object(fields)
    }
  }

  private static func row(_ client: GenesisKeys.Client) -> JSONValue {
    .object([
      JSONValue.Field("name", .text(client.name)),
      JSONValue.Field("key", .text("\(client.key)")),
    ])
  }

  private static func list(_ name: String, _ rows: [JSONValue]) -> String {
    "\"\(name)\": [\n    \(rows.map(\.json).joined(separator: ",\n    "))\n  ]"
  }

  /// Reads a genesis file, strictly: nothing missing, nothing unknown, nothing twice.
  init(path: String, text: String) throws(CommandFailure) {
    let reader = GenesisReader(path: path)
    self = try reader.read(text)
  }

  /// 16 hexadecimal digits.
  static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
