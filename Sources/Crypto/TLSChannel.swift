import COpenSSL
package import Consensus
package import Transport

/// TLS 1.3 of one connection (RFC 8446), between two memory BIOs.
///
/// It owns its session, which owns the BIOs; all three pointers live as long as it does and are
/// given to nobody.
@safe
package final class TLSChannel: SecureChannel {
  private enum State {
    case shakingHands
    case established(PublicKey)
    case ended
    case failed(reason: String)
  }

  /// The most plain bytes of one record (RFC 8446 §5.1).
  static let recordSizeMax = 16 * 1024
  /// What every record of a handshake begins with (RFC 8446 §5.1).
  private static let handshakeType: UInt8 = 22
  /// The fatal alert `unexpected_message` (RFC 8446 §6), in a record of its own.
  private static let unexpectedMessage: [UInt8] = [21, 3, 3, 0, 2, 2, 10]
  /// The most that a handshake of two certificates may take; ours take less than 1 KiB.
  private static let handshakeSizeMax = 16 * 1024

  private let session: OpaquePointer
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  private let endpoint: TLSEndpoint
  private let isWelcome: (PublicKey) -> Bool
  private var state = State.shakingHands
  private var handshakeSize = 0
  /// Whether the other side's first byte was none of TLS.
  private var isPlain = false
  /// What OpenSSL did not say at the end, and we do.
  private var lastWords: [UInt8] = []

  /// The key that the other side has shown to own; nil before it has.
  package private(set) var peerKey: PublicKey?

  /// Takes over a session that has its BIOs and knows which side it is.
  @unsafe
  init(
    owning session: OpaquePointer,
    incoming: OpaquePointer,
    outgoing: OpaquePointer,
    of endpoint: TLSEndpoint,
    isWelcome: @escaping (PublicKey) -> Bool
  ) {
    unsafe self.session = session
    unsafe self.incoming = incoming
    unsafe self.outgoing = outgoing
    self.endpoint = endpoint
    self.isWelcome = isWelcome
  }

  deinit {
    // The BIOs go with the session.
    unsafe SSL_free(session)
  }

  /// Whether the other side has shown that it owns a welcome key.
  package var isEstablished: Bool { peerKey != nil }

  /// Begins: whoever connects speaks first.
  package func begin() -> ChannelProgress {
    // Whoever accepts has nothing to say yet, and that is no failure.
    shakeHands()
    return progress
  }

  /// Takes bytes of the wire and appends to `plain` what they say.
  package func receive(
    _ wire: [UInt8],
    _ range: Range<Int>,
    into plain: inout [UInt8]
  ) -> ChannelProgress {
    var start = range.lowerBound
    // A memory BIO keeps room for as much as it ever held: it holds little more than a record.
    while canGoOn, start < range.upperBound {
      let end = min(start + Self.recordSizeMax, range.upperBound)
      take(wire, start..<end, into: &plain)
      start = end
    }
    return progress
  }

  private func take(_ wire: [UInt8], _ range: Range<Int>, into plain: inout [UInt8]) {
    // Slicing checks the range; a memory BIO takes all of it or is out of memory.
    let taken = unsafe wire[range].withUnsafeBytes {
      unsafe BIO_write(incoming, $0.baseAddress, Int32($0.count))
    }
    invariant(taken == range.count, "a memory BIO takes everything")
    if case .shakingHands = state {
      if handshakeSize == 0 { isPlain = wire[range].first != Self.handshakeType }
      handshakeSize += range.count
      shakeHands()
      // OpenSSL says nothing to who does not speak TLS; a client without keys should know why.
      if isPlain, !canGoOn { lastWords = Self.unexpectedMessage }
    }
    if case .established = state { read(into: &plain) }
  }

  /// Takes plain bytes; they leave with the next `takeWire`.
  package func send(_ plain: [UInt8], _ range: Range<Int>) -> ChannelProgress {
    guard case .established = state, !range.isEmpty else { return progress }
    var written = 0
    // Slicing checks the range; into a memory BIO everything is written at once.
    let result = unsafe plain[range].withUnsafeBytes {
      unsafe SSL_write_ex(session, $0.baseAddress, $0.count, &written)
    }
    if result != 1 || written != range.count { fail(CryptoError.lastReason()) }
    return progress
  }

  /// Says that nothing more will be sent.
  package func finish() {
    guard case .established = state else { return }
    // The first call only writes our goodbye; what it returns speaks of the other side's.
    _ = unsafe SSL_shutdown(session)
    ERR_clear_error()
  }

  /// Appends to `wire` what is to be written to the socket.
  package func takeWire(into wire: inout [UInt8]) {
    defer {
      wire += lastWords
      lastWords = []
    }
    while true {
      // The call writes at most the array's count. What is read is gone; a reset would also wipe
      // all the room that the BIO has.
      let count = unsafe endpoint.piece.withUnsafeMutableBytes {
        unsafe BIO_read(outgoing, $0.baseAddress, Int32($0.count))
      }
      guard count > 0 else { return }
      wire += endpoint.piece[..<Int(count)]
    }
  }

  private var progress: ChannelProgress {
    switch state {
    case .shakingHands, .established: .well
    case .ended: .ended
    case .failed(let reason): .failed(reason: reason)
    }
  }

  private var canGoOn: Bool { progress == .well }

  private func fail(_ reason: String) {
    state = .failed(reason: reason)
  }

  private func shakeHands() {
    ERR_clear_error()
    // The session lives as long as this object.
    let result = unsafe SSL_do_handshake(session)
    guard result == 1 else {
      if unsafe SSL_get_error(session, result) != SSL_ERROR_WANT_READ {
        fail("the handshake failed: \(CryptoError.lastReason())")
      } else if handshakeSize > Self.handshakeSizeMax {
        fail("the handshake does not end")
      }
      return
    }
    checkKey()
  }

  /// Before anything of the last flight leaves: a stranger learns nothing of us.
  private func checkKey() {
    var bytes = [UInt8](repeating: 0, count: Bits256.size)
    // The call writes 32 bytes, the array's count.
    let result = unsafe bytes.withUnsafeMutableBufferPointer {
      unsafe lockstep_tls_peer_key(session, $0.baseAddress)
    }
    guard result == 1, let key = PublicKey(bytes: bytes), PointEncoding.isStrict(key.bits) else {
      refuse("it has shown no Ed25519 key")
      return
    }
    guard isWelcome(key) else {
      refuse("its key \(key) is not the one expected here")
      return
    }
    peerKey = key
    state = .established(key)
  }

  private func refuse(_ reason: String) {
    // What OpenSSL would send next answers a handshake that we do not accept.
    unsafe lockstep_bio_reset(outgoing)
    fail(reason)
  }

  private func read(into plain: inout [UInt8]) {
    ERR_clear_error()
    while true {
      var size = 0
      // The call writes at most the array's count.
      let result = unsafe endpoint.piece.withUnsafeMutableBytes {
        unsafe SSL_read_ex(session, $0.baseAddress, $0.count, &size)
      }
      guard result == 1 else {
        switch unsafe SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ: return
        case SSL_ERROR_ZERO_RETURN: state = .ended
        default: fail("what it sent is damaged: \(CryptoError.lastReason())")
        }
        return
      }
      plain.append(contentsOf: endpoint.piece[..<size])
    }
  }
}
