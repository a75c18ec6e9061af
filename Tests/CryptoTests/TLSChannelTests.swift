import COpenSSL
import Consensus
import Glibc
import Transport
import XCTest

@testable import Crypto

final class TLSChannelTests: XCTestCase {
  func test_handshake_whenBothExpectEachOther_opensAndNamesTheKeys() throws {
    let (ours, theirs) = try (PrivateKey.generate(), PrivateKey.generate())
    var pair = ChannelPair(
      client: try TLSEndpoint(key: ours).connect(to: theirs.publicKey),
      server: try TLSEndpoint(key: theirs).accept { $0 == ours.publicKey }
    )

    pair.carry()

    XCTAssertTrue(pair.client.isEstablished)
    XCTAssertTrue(pair.server.isEstablished)
    XCTAssertEqual(pair.client.peerKey, theirs.publicKey)
    XCTAssertEqual(pair.server.peerKey, ours.publicKey)
  }

  func test_handshake_whenBytesComeOneByOne_opens() throws {
    var pair = try ChannelPair.friends()
    pair.pieceSize = 1

    pair.carry()

    XCTAssertTrue(pair.client.isEstablished)
    XCTAssertTrue(pair.server.isEstablished)
  }

  func test_channels_afterABurst_keepRoomForLittleMoreThanARecord() throws {
    var pairs = try (0..<64).map { _ in try ChannelPair.friends() }
    for place in pairs.indices { pairs[place].carry() }
    let record = [UInt8](repeating: 7, count: TLSChannel.recordSizeMax)

    let before = memoryInUse()
    for place in pairs.indices {
      var wire: [UInt8] = []
      for _ in 0..<16 {
        XCTAssertEqual(pairs[place].client.send(record, 0..<record.count), .well)
        pairs[place].client.takeWire(into: &wire)
      }
      var heard: [UInt8] = []
      XCTAssertEqual(pairs[place].server.receive(wire, 0..<wire.count, into: &heard), .well)
      XCTAssertEqual(heard.count, 16 * record.count)
    }

    let kept = (memoryInUse() - before) / pairs.count
    XCTAssertLessThan(kept, 8 * record.count)
  }

  /// The bytes of this process that lie in memory: the second number of the file counts pages.
  private func memoryInUse() -> Int {
    var text = [UInt8](repeating: 0, count: 256)
    let file = open("/proc/self/statm", O_RDONLY)
    defer { close(file) }
    let size = read(file, &text, text.count)
    let counts = String(decoding: text.prefix(max(size, 0)), as: UTF8.self).split(separator: " ")
    return (Int(counts[1]) ?? 0) * Int(getpagesize())
  }

  func test_client_whenTheServerHasAnotherKey_refusesAndShowsNothing() throws {
    let (ours, theirs, other) = try (
      PrivateKey.generate(), PrivateKey.generate(), PrivateKey.generate()
    )
    var pair = ChannelPair(
      client: try TLSEndpoint(key: ours).connect(to: other.publicKey),
      server: try TLSEndpoint(key: theirs).accept { _ in true }
    )

    pair.carry()

    guard case .failed(let reason) = pair.clientProgress else { return XCTFail("it went on") }
    XCTAssertTrue(reason.contains(theirs.publicKey.description), reason)
    XCTAssertFalse(pair.client.isEstablished)
    XCTAssertFalse(pair.server.isEstablished)
    XCTAssertNil(pair.server.peerKey, "the client's certificate never left")
  }

  func test_server_whenTheClientIsAStranger_refusesAndHearsNothing() throws {
    let (ours, theirs) = try (PrivateKey.generate(), PrivateKey.generate())
    var pair = ChannelPair(
      client: try TLSEndpoint(key: ours).connect(to: theirs.publicKey),
      server: try TLSEndpoint(key: theirs).accept { _ in false }
    )

    pair.carry()
    XCTAssertEqual(pair.client.send([1, 2, 3], 0..<3), .well)
    pair.carry()

    guard case .failed(let reason) = pair.serverProgress else { return XCTFail("it went on") }
    XCTAssertTrue(reason.contains(ours.publicKey.description), reason)
    XCTAssertFalse(pair.server.isEstablished)
    XCTAssertEqual(pair.serverHeard, [])
  }

  func test_bytes_whenManyGoBothWays_arriveWhole() throws {
    var pair = try ChannelPair.friends()
    pair.carry()
    let up = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let down = (0..<2_000_001).map { UInt8(truncatingIfNeeded: $0 &* 17 >> 2) }
    pair.pieceSize = 70_001

    XCTAssertEqual(pair.client.send(up, 0..<up.count), .well)
    XCTAssertEqual(pair.server.send(down, 1..<down.count), .well)
    pair.carry()

    XCTAssertTrue(pair.serverHeard == up)
    XCTAssertTrue(pair.clientHeard[...] == down[1...])
  }

  func test_goodbye_whenOneSideFinishes_isHeardAndTheOtherMayGoOn() throws {
    var pair = try ChannelPair.friends()
    pair.carry()

    pair.client.finish()
    XCTAssertEqual(pair.server.send([7], 0..<1), .well)
    pair.carry()

    XCTAssertEqual(pair.serverProgress, .ended)
    XCTAssertEqual(pair.clientProgress, .well)
    XCTAssertEqual(pair.clientHeard, [7])
  }

  func test_record_whenAnyBitIsFlipped_failsAndSaysNothing() throws {
    for position in 0..<40 {
      var pair = try ChannelPair.friends()
      pair.carry()
      XCTAssertEqual(pair.client.send([1, 2, 3, 4, 5, 6, 7, 8], 0..<8), .well)
      var wire = pair.wire(of: pair.client)
      guard position < wire.count else { break }
      wire[position] ^= 1

      let progress = pair.server.receive(wire, 0..<wire.count, into: &pair.serverHeard)

      // A longer length is only seen when no more bytes come: then the record is unfinished.
      let waits = (3...4).contains(position)
      if !waits { XCTAssertNotEqual(progress, .well, "byte \(position)") }
      XCTAssertEqual(pair.serverHeard, [], "byte \(position)")
    }
  }

  func test_record_whenUnfinished_saysNothingYet() throws {
    var pair = try ChannelPair.friends()
    pair.carry()
    XCTAssertEqual(pair.client.send([1, 2, 3], 0..<3), .well)
    let wire = pair.wire(of: pair.client)

    let first = pair.server.receive(wire, 0..<wire.count - 1, into: &pair.serverHeard)
    XCTAssertEqual(pair.serverHeard, [])
    let last = pair.server.receive(wire, wire.count - 1..<wire.count, into: &pair.serverHeard)

    XCTAssertEqual(first, .well)
    XCTAssertEqual(last, .well)
    XCTAssertEqual(pair.serverHeard, [1, 2, 3])
  }

  func test_server_whenSentGarbage_fails() throws {
    let garbage: [(name: String, bytes: [UInt8])] = [
      ("text", Array("GET / HTTP/1.1\r\n\r\n".utf8)),
      ("zeros", [UInt8](repeating: 0, count: 64)),
      ("ones", [UInt8](repeating: 0xFF, count: 64)),
      ("an alert", [21, 3, 3, 0, 2, 2, 40]),
      ("plain bytes of ours", [1, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9]),
    ]
    for (name, bytes) in garbage {
      let server = try TLSEndpoint(key: PrivateKey.generate()).accept { _ in true }
      var heard: [UInt8] = []

      let progress = server.receive(bytes, 0..<bytes.count, into: &heard)

      guard case .failed = progress else { return XCTFail("\(name): \(progress)") }
      XCTAssertEqual(heard, [], name)
      XCTAssertEqual(server.receive(bytes, 0..<1, into: &heard), progress, name)
      var said: [UInt8] = []
      server.takeWire(into: &said)
      XCTAssertEqual(
        said.suffix(7),
        [21, 3, 3, 0, 2, 2, 10],
        "\(name): it is told that this is TLS"
      )
    }
  }

  func test_server_whenTheHandshakeNeverEnds_givesUp() throws {
    let server = try TLSEndpoint(key: PrivateKey.generate()).accept { _ in true }
    // A record of a client's hello that says it has 2^24 - 1 bytes.
    let record: [UInt8] = [22, 3, 1, 0x3F, 0xFF, 1, 0xFF, 0xFF, 0xFF]
    let bytes = record + [UInt8](repeating: 3, count: 0x3FFF - 4)
    var heard: [UInt8] = []

    var progress = ChannelProgress.well
    for _ in 0..<3 { progress = server.receive(bytes, 0..<bytes.count, into: &heard) }

    guard case .failed = progress else { return XCTFail("\(progress)") }
  }

  func test_server_whenTheClientKnowsOnlyTLS12_refuses() throws {
    let server = try TLSEndpoint(key: PrivateKey.generate()).accept { _ in true }
    let context = SSL_CTX_new(TLS_client_method())
    defer { SSL_CTX_free(context) }
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
    let old = SSL_new(context)
    defer { SSL_free(old) }
    var incoming: OpaquePointer?
    var outgoing: OpaquePointer?
    XCTAssertEqual(lockstep_tls_attach(old, &incoming, &outgoing), 1)
    SSL_set_connect_state(old)
    _ = SSL_do_handshake(old)
    var hello = [UInt8](repeating: 0, count: 4_096)
    let size = Int(BIO_read(outgoing, &hello, Int32(hello.count)))
    XCTAssertGreaterThan(size, 0)
    var heard: [UInt8] = []

    let progress = server.receive(hello, 0..<size, into: &heard)

    guard case .failed(let reason) = progress else { return XCTFail("\(progress)") }
    XCTAssertTrue(reason.contains("unsupported protocol"), reason)
  }

  func test_endpoint_whenMadeTwice_showsTheSameCertificate() throws {
    let key = try PrivateKey(seed: [UInt8](1...32))

    let sizes = try (0..<2).map { _ in
      var pair = ChannelPair(
        client: try TLSEndpoint(key: PrivateKey.generate()).connect(to: key.publicKey),
        server: try TLSEndpoint(key: key).accept { _ in true }
      )
      pair.carry()
      return pair.client.peerKey
    }

    XCTAssertEqual(sizes, [key.publicKey, key.publicKey])
  }
}
