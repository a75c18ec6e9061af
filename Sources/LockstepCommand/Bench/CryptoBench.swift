import Consensus
import Crypto
import Glibc
import Transport

/// What one thread of this machine spends on the primitives of mode bft.
struct CryptoBench {
  /// One primitive and what it costs.
  struct Row: Equatable {
    let operation: String
    let microseconds: Double

    var fields: [JSONValue.Field] {
      [
        JSONValue.Field("operation", .text(operation)),
        JSONValue.Field("us", .decimal(microseconds, places: 2)),
        JSONValue.Field("per_second", .integer(Int(1_000_000 / microseconds))),
      ]
    }
  }

  /// So often each is measured; the cheapest counts, since others disturb and never help.
  private static let roundsCount = 5

  /// How long a round takes, in microseconds.
  let roundMicroseconds: Int

  private let key: PrivateKey
  private let peer: PrivateKey
  private let clientSide: TLSEndpoint
  private let serverSide: TLSEndpoint

  init(roundMicroseconds: Int) throws(CryptoError) {
    self.roundMicroseconds = roundMicroseconds
    key = try PrivateKey.generate()
    peer = try PrivateKey.generate()
    clientSide = try TLSEndpoint(key: key)
    serverSide = try TLSEndpoint(key: peer)
  }

  func measure() throws(CryptoError) -> [Row] {
    measureDigests() + measureSignatures() + (try measureTLS())
  }

  private func measureDigests() -> [Row] {
    let digester = SHA256Digester()
    return [32, 160, 512, 1_024, 16_384, 1 << 20].map { size in
      let bytes = [UInt8](repeating: 7, count: size)
      return row("sha256 of \(size) bytes") { _ = digester.digest(of: bytes, domain: .block) }
    }
  }

  private func measureSignatures() -> [Row] {
    let vote = [UInt8](repeating: 7, count: 160)
    let signature = key.sign(vote)
    let knowing = Ed25519Verifier(keys: [key.publicKey])
    let stranger = Ed25519Verifier()
    return [
      row("sign 160 bytes") { _ = key.sign(vote) },
      row("verify 160 bytes") { _ = knowing.isValid(signature, of: vote, by: key.publicKey) },
      row("verify 160 bytes, key not parsed before") {
        _ = stranger.isValid(signature, of: vote, by: key.publicKey)
      },
    ]
  }

  private func measureTLS() throws(CryptoError) -> [Row] {
    let pair = try connected()
    let mebibyte = [UInt8](repeating: 7, count: 1 << 20)
    let small = [UInt8](repeating: 7, count: 256)
    return [
      row("tls handshake, both sides") { shakeHands() },
      row("tls 256 bytes, sealed and opened") { carry(small, over: pair) },
      row("tls 1 MiB, sealed and opened") { carry(mebibyte, over: pair) },
    ]
  }

  private func shakeHands() {
    do {
      _ = try connected()
    } catch {
      fatalError("what went well before goes well again: \(error)")
    }
  }

  /// Two channels that have shaken hands.
  private func connected() throws(CryptoError) -> (client: TLSChannel, server: TLSChannel) {
    let client = clientSide.connect(to: peer.publicKey)
    let server = serverSide.accept { $0 == key.publicKey }
    var progress = client.begin()
    var unused: [UInt8] = []
    while progress == .well, !client.isEstablished || !server.isEstablished {
      var wire: [UInt8] = []
      client.takeWire(into: &wire)
      if !wire.isEmpty { progress = server.receive(wire, 0..<wire.count, into: &unused) }
      wire = []
      server.takeWire(into: &wire)
      if !wire.isEmpty { progress = client.receive(wire, 0..<wire.count, into: &unused) }
    }
    if case .failed(let reason) = progress {
      throw .library(doing: "connecting two channels", reason: reason)
    }
    return (client, server)
  }

  private func carry(_ bytes: [UInt8], over pair: (client: TLSChannel, server: TLSChannel)) {
    var wire: [UInt8] = []
    var plain: [UInt8] = []
    _ = pair.client.send(bytes, 0..<bytes.count)
    pair.client.takeWire(into: &wire)
    let progress = pair.server.receive(wire, 0..<wire.count, into: &plain)
    invariant(progress == .well, "an undisturbed link carries")
    invariant(plain.count == bytes.count, "everything arrives")
  }

  /// To look at the clock takes as long as a small digest: it is done once a batch.
  private func row(_ operation: String, _ body: () -> Void) -> Row {
    var batch = 1
    while nanoseconds(of: batch, body) / 1_000 < roundMicroseconds { batch *= 2 }
    var best = Int.max
    for _ in 0..<Self.roundsCount { best = min(best, nanoseconds(of: batch, body)) }
    return Row(operation: operation, microseconds: Double(best) / Double(batch) / 1_000)
  }

  private func nanoseconds(of batch: Int, _ body: () -> Void) -> Int {
    let start = Self.threadNanoseconds()
    for _ in 0..<batch { body() }
    return Self.threadNanoseconds() - start
  }

  /// What processors have spent on this thread: other processes do not count.
  private static func threadNanoseconds() -> Int {
    var time = timespec()
    // `time` outlives the call.
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
