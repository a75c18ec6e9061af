import Consensus
import Transport

extension [ClusterConfiguration.Seat] {
  /// Seats of new members on loopback ports that were free a moment ago, each time others.
  static func free(for ids: ClosedRange<UInt32>) throws -> [ClusterConfiguration.Seat] {
    let ports = try freePorts(2 * ids.count)
    return ids.enumerated().map { place, id in
      ClusterConfiguration.Seat(
        member: Member(id: NodeID(id), incarnation: Incarnation(UInt64(1_000 + id))),
        clientAddress: "127.0.0.1:\(ports[2 * place])",
        peerAddress: "127.0.0.1:\(ports[2 * place + 1])"
      )
    }
  }

  /// Below the ports that the system itself hands out (32,768 and up, Linux's
  /// `ip_local_port_range`): while a node is stopped, no connection and no other test run may get
  /// its port.
  private static func freePorts(_ count: Int) throws -> [UInt16] {
    let loop = try EventLoop(waker: Waker())
    defer { loop.close() }
    let owner = Deaf()
    var ports: [UInt16] = []
    while ports.count < count {
      let port = UInt16.random(in: 12_000..<32_768)
      let address = try SocketAddress(parsing: "127.0.0.1:\(port)")
      if (try? loop.listen(on: address, connectionsMax: 1, delegate: owner)) != nil {
        ports.append(port)
      }
    }
    return ports
  }
}

/// Owns connections whose bytes nobody reads: it takes them all and does nothing.
final class Deaf: ConnectionDelegate {
  func connectionOpened(_ connection: Connection) {}
  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int { range.count }
  func connectionDrained(_ connection: Connection) {}
  func connectionClosed(_ connection: Connection, reason: CloseReason) {}
}
