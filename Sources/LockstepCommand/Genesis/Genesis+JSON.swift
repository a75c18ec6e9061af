import BSON
import ClientProtocol
import Consensus

extension Genesis {
  /// The version of the file's form.
  static let formatVersion = 1

  /// The text of a genesis file, one member a line.
  var fileText: String {
    let members = configuration.seats.map { seat in
      let fields: [JSONValue.Field] = [
        JSONValue.Field("id", .integer(Int(seat.member.id.rawValue))),
        JSONValue.Field("incarnation", .text(Self.hexadecimal(seat.member.incarnation.rawValue))),
        JSONValue.Field("client", .text(seat.clientAddress)),
        JSONValue.Field("peer", .text(seat.peerAddress)),
      ]
      return "    " + JSONValue.object(fields).json
    }
    let timeout = configuration.sessionTimeoutMicroseconds / 1_000
    return """
      {
        "format": \(Self.formatVersion),
        "cluster": "\(cluster)",
        "members": [
      \(members.joined(separator: ",\n"))
        ],
        "settings": {"session_timeout_ms": \(timeout), "sessions_max": \(configuration.sessionsMax)}
      }

      """
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
