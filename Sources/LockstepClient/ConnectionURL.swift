import ClientProtocol
package import Transport

/// What a URL says: `lockstep://h1:p1,h2:p2/database?timeout=5s&consistency=linearizable&name=app`,
/// and for a cluster whose nodes may lie `genesis=PATH&key=PATH`.
///
/// Errors name the offending part; a password is never repeated.
package struct ConnectionURL: Sendable {
  static let defaultPort: UInt16 = 7_301
  private static let scheme = "lockstep://"

  /// The nodes that it names.
  package private(set) var addresses: [SocketAddress]
  /// The file that names a cluster of mode bft; nil for one of mode raft.
  package private(set) var genesis: String?
  /// The file of our private key, for a cluster of mode bft.
  package private(set) var key: String?
  /// The database that calls are about.
  package private(set) var database = defaultDatabase
  var timeout = Duration.seconds(5)
  /// What reads show.
  package private(set) var consistency = Consistency.linearizable
  var readsFast = false
  var name = "lockstep-client"

  /// Whether it is of a cluster whose nodes may lie.
  package var isVerifying: Bool { genesis != nil || key != nil }

  /// Reads a URL.
  ///
  /// - Throws: `invalid_url`, naming the part.
  package init(parsing text: String) throws(LockstepError) {
    guard text.hasPrefix(Self.scheme) else { throw Self.badScheme(text) }
    var rest = text.dropFirst(Self.scheme.count)
    let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] }
    rest = rest.prefix { $0 != "?" }
    let authority = rest.prefix { $0 != "/" }
    guard !rest.contains("@") else {
      throw .invalid("the part before @", "users and passwords are not supported by this release")
    }
    addresses = try Self.addresses(authority)
    if authority.endIndex < rest.endIndex {
      try setDatabase(rest[rest.index(after: authority.endIndex)...])
    }
    for option in (query ?? "").split(separator: "&") {
      try setOption(option)
    }
  }

  private static func badScheme(_ text: String) -> LockstepError {
    if text.hasPrefix("lockstep+unix://") {
      return .invalid("lockstep+unix", "unix sockets are not supported by this release")
    }
    let scheme = text.prefix { $0.isLetter || $0 == "+" }
    let part = scheme.endIndex < text.endIndex && text[scheme.endIndex] == ":" ? scheme : ""
    return .invalid("the scheme \"\(part)\"", "a URL begins with lockstep://HOST:PORT")
  }

  private static func addresses(_ text: Substring) throws(LockstepError) -> [SocketAddress] {
    var addresses: [SocketAddress] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let hasPort = part.last == "]" ? false : part.contains(":")
      do throws(TransportError) {
        let full = hasPort ? String(part) : "\(part):\(defaultPort)"
        let address = try SocketAddress(parsing: full)
        guard address.port != 0 else {
          throw TransportError.badAddress(full, reason: "port 0 cannot be connected to")
        }
        if !addresses.contains(address) { addresses.append(address) }
      } catch {
        guard case .badAddress(_, let reason) = error else {
          throw .invalid("the address \"\(part)\"", error.description)
        }
        throw .invalid("the address \"\(part)\"", reason)
      }
    }
    return addresses
  }

  private mutating func setDatabase(_ path: Substring) throws(LockstepError) {
    guard !path.isEmpty else { return }
    guard let name = Self.decode(path) else {
      throw .invalid("the database \"\(path)\"", "% stands before two hexadecimal digits")
    }
    guard !name.contains("/"), name.utf8.count <= Limits.databaseNameSizeMax else {
      let limit = Limits.databaseNameSizeMax
      throw .invalid("the database \"\(path)\"", "a name has at most \(limit) bytes and no slash")
    }
    database = name
  }

  private mutating func setOption(_ option: Substring) throws(LockstepError) {
    let key = option.prefix { $0 != "=" }
    let raw = option.dropFirst(key.count + 1)
    guard let value = Self.decode(raw) else {
      throw .invalid("the option \(key)", "% stands before two hexadecimal digits")
    }
    switch key {
    case "timeout":
      guard let duration = Duration(parsing: value), duration > .zero else {
        throw .invalid("timeout=\(value)", "write a duration such as 250ms, 5s or 2m")
      }
      timeout = duration
    case "consistency": consistency = try Self.consistency(value)
    case "name":
      guard value.utf8.count <= Limits.clientNameSizeMax else {
        throw .invalid("name", "at most \(Limits.clientNameSizeMax) bytes")
      }
      name = value
    case "genesis", "key":
      guard !value.isEmpty else { throw .invalid("the option \(key)", "a file's path is missing") }
      if key == "genesis" { genesis = value } else { self.key = value }
    case "reads":
      guard value == "fast" || value == "ordered" else {
        throw .invalid("reads=\(value)", "write ordered or fast")
      }
      readsFast = value == "fast"
    case "tls", "ca":
      throw .invalid("the option \(key)", "connections are secured by genesis=PATH&key=PATH")
    default:
      throw .invalid(
        "the option \"\(key)\"",
        "known are timeout, consistency, name, genesis, key and reads"
      )
    }
  }

  private static func consistency(_ text: String) throws(LockstepError) -> Consistency {
    if text == "linearizable" { return .linearizable }
    if text.hasPrefix("stale:"), let lag = Duration(parsing: String(text.dropFirst(6))) {
      return .stale(maxLag: lag)
    }
    throw .invalid("consistency=\(text)", "write linearizable, or stale:500ms")
  }

  /// Replaces %XX by the bytes meant; nil if that gives no text.
  private static func decode(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      // A sign, which a number may have, is no digit.
      let digits = rest.prefix(2).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
      guard digits.count == 2 else { return nil }
      bytes.append(UInt8(16 * digits[0] + digits[1]))
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

extension LockstepError {
  fileprivate static func invalid(_ part: String, _ reason: String) -> LockstepError {
    LockstepError(.invalidURL, "invalid URL: \(part): \(reason)")
  }
}

extension Duration {
  /// Reads `250ms`, `5s`, `2m` or `1h`; nil for anything else.
  init?(parsing text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), number <= 1_000_000_000 else { return nil }
    switch text.dropFirst(digits.count) {
    case "us": self = .microseconds(number)
    case "ms": self = .milliseconds(number)
    case "s": self = .seconds(number)
    case "m": self = .seconds(number * 60)
    case "h": self = .seconds(number * 3_600)
    default: return nil
    }
  }
}
