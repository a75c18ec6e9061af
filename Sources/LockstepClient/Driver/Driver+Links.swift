import ClientProtocol
import Transport
import Wire

/// Which nodes there are, and which of them a call goes to.
extension Driver {
  /// The most nodes that are remembered.
  private static let linksMax = 64
  static let connectTimeoutMicroseconds: UInt64 = 2_000_000

  /// Remembers a node; where there are too many, in the place of one that is gone.
  func addLink(to address: SocketAddress) {
    guard !links.contains(where: { $0.address == address }) else { return }
    guard links.count >= Self.linksMax else {
      return links.append(NodeLink(address: address, index: links.count))
    }
    let heard = links.dropFirst(options.addresses.count)
    guard let gone = heard.max(by: { $0.failures < $1.failures }), gone.isIdle, gone.failures > 0
    else { return }
    links[gone.index] = NodeLink(address: address, index: gone.index)
  }

  func link(ofNode id: UInt32) -> NodeLink? {
    links.first { $0.nodeID == id && !$0.isAlias }
  }

  /// The node for a call; nil if it has to wait for one.
  func chooseLink(for call: Call) -> NodeLink? {
    if case .status(let address) = call.work {
      return links.first { $0.address == address && $0.isReachable }.flatMap(withRoom)
    }
    if !call.work.isForAnyNode, let leader, let link = link(ofNode: leader), link.isReachable {
      return withRoom(link)
    }
    // Without a leader any node will do: it passes the request on, or says who leads.
    for _ in links.indices {
      rotation += 1
      let link = links[rotation % links.count]
      if link.isReachable, let link = withRoom(link) { return link }
    }
    return nil
  }

  /// The link, unless it has as much to do as it may; then it is watched until it has less.
  private func withRoom(_ link: NodeLink) -> NodeLink? {
    if link.isUsable { return link }
    link.isFull = true
    return nil
  }

  /// Calls that waited for room go on where there is some again.
  func releaseWaitingForRoom() {
    let relieved = links.filter(\.isRelieved)
    guard !relieved.isEmpty else { return }
    for link in relieved { link.isFull = false }
    releaseWaitingForLink()
  }

  /// Takes in what every answer says about leader and revision.
  func learn(_ head: Reply.Head, from link: NodeLink) {
    highestRevision = max(highestRevision, head.revision)
    guard head.leader != 0, head.leader != leader else { return }
    if !head.leaderAddress.isEmpty, let address = try? SocketAddress(parsing: head.leaderAddress) {
      addLink(to: address)
    }
    let hinted = self.link(ofNode: head.leader)
    // A node may still name a leader that we have lost, or that has been replaced.
    if let hinted, !hinted.isReachable { return }
    let isOwnWord = head.leader == head.node
    let isLeaderLost = leader.flatMap { self.link(ofNode: $0) }?.isReachable != true
    guard isOwnWord || isLeaderLost else { return }
    leader = head.leader
    let address = hinted?.address.description ?? head.leaderAddress
    emit(.leaderChanged(node: head.leader, address: address))
    releaseWaitingForLeader()
  }

  func learn(_ members: [NodeStatus.Member]) {
    for member in members {
      guard let address = try? SocketAddress(parsing: member.clientAddress) else { continue }
      addLink(to: address)
    }
  }

  private func releaseWaitingForLeader() {
    let waiting = waitingForLeader.keys.sorted().compactMap { waitingForLeader[$0] }
    waitingForLeader = [:]
    for call in waiting {
      cancelAlarm(&call.retryTimer)
      due.append(call)
    }
  }

  /// Lets calls go that had no node to go to.
  func releaseWaitingForLink() {
    guard !waitingForLink.isEmpty else { return }
    let waiting = waitingForLink.keys.sorted().compactMap { waitingForLink[$0] }
    waitingForLink = [:]
    due.append(contentsOf: waiting)
  }

  /// Begins attempts to connect that are due.
  func connectWhatIsDue() {
    for link in links {
      guard case .idle(let notBefore) = link.state, notBefore <= now else { continue }
      do {
        guard let address = try names.address(of: link.address.description) else { continue }
        let connection = try loop.connect(
          to: address,
          timeoutMicroseconds: Self.connectTimeoutMicroseconds,
          delegate: self
        )
        connection.tag = link.index
        link.state = .connecting(connection)
      } catch {
        notConnected(link, LockstepError(.cannotConnect, error.description))
      }
    }
  }

  func notConnected(_ link: NodeLink, _ error: LockstepError) {
    names.forget(link.address.description)
    let delay = Backoff.unreachable.delay(retry: link.failures, using: &random)
    link.state = .idle(notBefore: now + delay)
    link.failures += 1
    link.lastError = error
    // Another way to the same node may lead there still.
    for other in links where other.isAlias { other.state = .idle(notBefore: now) }
    failConnectingCalls()
    failPinnedCalls(to: link, error)
    if links.contains(where: { $0.ready != nil }) { releaseConnectingCalls() }
  }

  /// First connections wait for the word of every node: there is one more.
  private func releaseConnectingCalls() {
    for call in waitingForLink.values.sorted(by: { $0.id < $1.id }) {
      guard case .connect = call.work else { continue }
      waitingForLink[call.id] = nil
      due.append(call)
    }
  }

  /// A first connection is given up as soon as every node has said no.
  private func failConnectingCalls() {
    guard links.allSatisfy({ $0.failures > 0 && $0.ready == nil }) else { return }
    for call in waitingForLink.values.sorted(by: { $0.id < $1.id }) {
      if case .connect = call.work { fail(call, cannotConnect()) }
    }
  }

  private func failPinnedCalls(to link: NodeLink, _ error: LockstepError) {
    for call in waitingForLink.values.sorted(by: { $0.id < $1.id }) {
      if case .status(link.address) = call.work { fail(call, error) }
    }
  }

  /// Why no node can be reached: a handshake's own word, or the words of all.
  func cannotConnect() -> LockstepError {
    let errors = links.compactMap(\.lastError)
    if let refusal = errors.first(where: { $0.code != .cannotConnect && $0.code != .connectionLost }
    ) {
      return refusal
    }
    let reasons = errors.map(\.message).joined(separator: "; ")
    return LockstepError(.cannotConnect, reasons.isEmpty ? "no node was reached" : reasons)
  }

  /// The connection of a link is gone.
  func lose(_ link: NodeLink, _ error: LockstepError) {
    let waiting = link.waitingCalls
    let wasReady = link.ready != nil
    link.inFlight = [:]
    link.isSuspect = false
    link.isPinged = false
    if leader != nil, leader == link.nodeID { leader = nil }
    notConnected(link, error)
    if wasReady {
      // A node that was just there is often back at once.
      link.failures = 0
      emit(.disconnected(address: link.address.description, reason: error.message))
    }
    sendElsewhere(waiting, because: error)
    // Those that waited for room there were never sent.
    releaseWaitingForLink()
  }
}
