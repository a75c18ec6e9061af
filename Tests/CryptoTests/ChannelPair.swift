import Consensus
import Transport

@testable import Crypto

/// Two channels that hand each other their bytes, without sockets.
struct ChannelPair {
  let client: TLSChannel
  let server: TLSChannel
  var clientProgress = ChannelProgress.well
  var serverProgress = ChannelProgress.well
  /// What each side has been told.
  var clientHeard: [UInt8] = []
  var serverHeard: [UInt8] = []
  /// How many bytes a delivery carries at most.
  var pieceSize = Int.max

  init(client: TLSChannel, server: TLSChannel) {
    self.client = client
    self.server = server
    clientProgress = client.begin()
    serverProgress = server.begin()
  }

  /// A pair in which both expect each other.
  static func friends() throws -> ChannelPair {
    let (ours, theirs) = try (PrivateKey.generate(), PrivateKey.generate())
    return ChannelPair(
      client: try TLSEndpoint(key: ours).connect(to: theirs.publicKey),
      server: try TLSEndpoint(key: theirs).accept { $0 == ours.publicKey }
    )
  }

  /// Carries bytes to and fro until nobody has anything to say.
  mutating func carry() {
    while true {
      let toServer = wire(of: client)
      let toClient = wire(of: server)
      if toServer.isEmpty, toClient.isEmpty { return }
      for piece in pieces(toServer) {
        serverProgress = server.receive(toServer, piece, into: &serverHeard)
      }
      for piece in pieces(toClient) {
        clientProgress = client.receive(toClient, piece, into: &clientHeard)
      }
    }
  }

  /// What a channel wants to be written.
  func wire(of channel: TLSChannel) -> [UInt8] {
    var wire: [UInt8] = []
    channel.takeWire(into: &wire)
    return wire
  }

  private func pieces(_ bytes: [UInt8]) -> [Range<Int>] {
    stride(from: 0, to: bytes.count, by: min(pieceSize, max(bytes.count, 1))).map { start in
      start..<min(start + min(pieceSize, bytes.count), bytes.count)
    }
  }
}
