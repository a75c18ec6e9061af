import Transport

/// What is known of the nodes, and the end of the connections.
extension Driver {
  var knownAddresses: [SocketAddress] { links.filter { !$0.isAlias }.map(\.address) }

  var leaderAddress: SocketAddress? { leader.flatMap { link(ofNode: $0) }?.address }

  var canCloseSession: Bool { links.contains(where: \.isUsable) }

  func failEverything(_ error: LockstepError) {
    failCalls(error)
    for closer in closers { closer.resume() }
    closers = []
  }

  func end() {
    closing = .done
    for link in links { link.finish() }
    loop.stop()
  }
}

extension NodeLink {
  /// Sends what is queued and says goodbye.
  fileprivate func finish() {
    switch state {
    case .connecting(let connection), .greeting(let connection, _), .ready(let connection):
      connection.finish()
    case .idle, .alias: break
    }
  }
}
