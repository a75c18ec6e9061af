import Consensus
import Genesis
import Transport

/// Members as `--nodes` lists them: `1=HOST:PORT,2=…`, or `1=HOST:PORT/PEERPORT`.
enum NodeList {
  struct Seat: Equatable, Sendable {
    let id: NodeID
    let clientAddress: SocketAddress
    let peerAddress: SocketAddress
  }

  /// Reads the list; the peer port is the one behind the client port unless it is given.
  static func parse(_ text: String) throws(CommandFailure) -> [Seat] {
    var seats: [Seat] = []
    for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
      seats.append(try seat(String(entry)))
    }
    guard seats.count <= Genesis.seatsMax else {
      throw .usage("--nodes: \(seats.count) nodes, at most \(Genesis.seatsMax)")
    }
    try refuseDoubles(seats.map(\.id.description), "the node id")
    let addresses = seats.flatMap { [$0.clientAddress.description, $0.peerAddress.description] }
    try refuseDoubles(addresses, "the address")
    return seats
  }

  /// Reads `2=HOST:PORT,3=…`: where members are dialed.
  static func parseAddresses(_ text: String) throws(CommandFailure) -> [NodeID: String] {
    var addresses: [NodeID: String] = [:]
    for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
      let what = "--peer-address: '\(entry)'"
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let id = UInt32(parts[0]), id > 0 else {
        throw .usage("\(what) is no ID=HOST:PORT", hint: "--peer-address 2=127.0.0.1:9002")
      }
      let place = try address(String(parts[1]), what, form: "HOST:PORT")
      guard addresses.updateValue(place.description, forKey: NodeID(id)) == nil else {
        throw .usage("--peer-address: the node id \(id) appears twice")
      }
    }
    return addresses
  }

  private static func seat(_ entry: String) throws(CommandFailure) -> Seat {
    let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let id = UInt32(parts[0]), id > 0 else {
      throw .usage(
        "--nodes: '\(entry)' is no ID=HOST:PORT",
        hint: "--nodes 1=10.0.0.1:7301,2=10.0.0.2:7301,3=10.0.0.3:7301"
      )
    }
    let (client, peer) = try places(String(parts[1]), "--nodes: '\(entry)'")
    return Seat(id: NodeID(id), clientAddress: client, peerAddress: peer)
  }

  /// Reads `HOST:PORT` or `HOST:PORT/PEERPORT`; `what` begins a complaint.
  static func places(
    _ text: String,
    _ what: String
  ) throws(CommandFailure) -> (client: SocketAddress, peer: SocketAddress) {
    let places = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let client = try address(String(places[0]), what)
    let peerPort = places.count > 1 ? UInt16(places[1]) : client.port &+ 1
    guard let peerPort, client.port > 0, peerPort > 0, peerPort != client.port else {
      throw .usage("\(what) needs two different ports from 1 to 65535")
    }
    return (client, SocketAddress(host: client.host, port: peerPort))
  }

  private static func address(
    _ text: String,
    _ what: String,
    form: String = "HOST:PORT or HOST:PORT/PEERPORT"
  ) throws(CommandFailure) -> SocketAddress {
    do {
      return try SocketAddress(parsing: text)
    } catch {
      throw .usage("\(what): \(error)", hint: "an address is \(form)")
    }
  }

  private static func refuseDoubles(
    _ words: [String],
    _ what: String
  ) throws(CommandFailure) {
    let sorted = words.sorted()
    for (left, right) in zip(sorted, sorted.dropFirst()) where left == right {
      throw .usage("--nodes: \(what) \(left) appears twice")
    }
  }
}
