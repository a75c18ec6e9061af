import Transport

/// What is known of the nodes, and the end of the connections.
extension ByzantineDriver {
  var knownAddresses: [SocketAddress] { links.map(\.node.address) }

  var leaderAddress: SocketAddress? { primary.node.address }

  var canCloseSession: Bool { readyLinks.count >= credentials.proofCount }

  func end() {
    closing = .done
    for link in links { link.connection?.finish() }
    ended()
  }
}
