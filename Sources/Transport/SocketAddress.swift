import CSystem

/// A host and a port, as a person writes them: `127.0.0.1:7310`, `[::1]:7310`, `db1:7310`.
package struct SocketAddress: Hashable, Sendable {
  /// A numeric address or a name, without brackets.
  package let host: String

  /// The TCP port; 0 asks the system for a free one when listening.
  package let port: UInt16

  /// Takes a host and a port as they are.
  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// The longest text of an address in bytes: a host name has at most 253 (RFC 1035, 2.3.4).
  package static let textSizeMax = 255

  /// Reads `HOST:PORT` of at most 255 bytes; an IPv6 host stands in brackets.
  ///
  /// - Throws: `TransportError.badAddress`, with the reason.
  package init(parsing text: String) throws(TransportError) {
    guard text.utf8.count <= Self.textSizeMax else {
      throw .badAddress("\(text.prefix(40))…", reason: "it is longer than 255 bytes")
    }
    guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
      throw .badAddress(text, reason: "the port is missing")
    }
    var host = text[..<colon]
    let digits = text[text.index(after: colon)...]
    guard let port = UInt16(digits), digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }) else {
      throw .badAddress(text, reason: "the port is a number from 0 to 65535")
    }
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw .badAddress(text, reason: "an IPv6 host stands in brackets")
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw .badAddress(text, reason: "the host is missing or has blanks in it")
    }
    self.init(host: String(host), port: port)
  }

  init(_ raw: lockstep_address) {
    var raw = raw
    var text = [CChar](repeating: 0, count: 46)
    // 46 bytes hold every numeric address and the zero behind it (INET6_ADDRSTRLEN).
    let port = unsafe lockstep_address_text(&raw, &text, text.count)
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    self.init(host: String(decoding: bytes, as: UTF8.self), port: UInt16(truncatingIfNeeded: port))
  }

  /// Whether no resolver has to be asked.
  package var isNumeric: Bool {
    if host == "localhost" { return true }
    var raw = lockstep_address()
    // The text and `raw` outlive the call, which writes one `lockstep_address` at most.
    return unsafe lockstep_address_numeric(host, port, &raw) == 0
  }

  /// The same place with a numeric host; asking the resolver for a name may take seconds.
  package func numeric() throws(TransportError) -> SocketAddress {
    SocketAddress(try resolved())
  }

  /// The address in the kernel's form.
  ///
  /// A host name other than `localhost` asks the resolver, which blocks; its first answer is taken.
  func resolved() throws(TransportError) -> lockstep_address {
    var raw = lockstep_address()
    let number = host == "localhost" ? "127.0.0.1" : host
    // The text and `raw` outlive the calls, which write one `lockstep_address` at most.
    if unsafe lockstep_address_numeric(number, port, &raw) == 0 { return raw }
    let code = unsafe lockstep_address_resolve(host, port, &raw)
    guard code == 0 else {
      // The resolver's sentences are constants that end with a zero byte.
      let reason = unsafe String(cString: lockstep_address_problem(code))
      throw .hostNotFound(address: description, reason: reason)
    }
    return raw
  }
}

extension SocketAddress: CustomStringConvertible {
  /// The address as a person writes it.
  package var description: String {
    host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
