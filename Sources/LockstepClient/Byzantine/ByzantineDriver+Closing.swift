import ClientProtocol
import Transport

/// The end: calls under way are finished, the session is closed, then the connections.
extension ByzantineDriver {
  /// How long the cluster may take to close our session; it expires by itself otherwise.
  private static let closeSessionMicroseconds: UInt64 = 500_000

  func beginClosing() {
    guard case .no = closing else { return }
    closing = .draining
    for call in calls.values.sorted(by: { $0.id < $1.id }) {
      guard case .stream = call.work else { continue }
      fail(call, LockstepError(.clientClosed, "the client was closed during the scan"))
    }
  }

  func goOnClosing() {
    guard case .draining = closing, calls.values.allSatisfy(\.isOurs) else { return }
    // A session with writes of unknown fate stays open, so that one may ask for their outcome.
    guard case .open(let window) = session, !window.hasAbandoned,
      readyLinks.count >= credentials.proofCount
    else { return end() }
    closing = .closingSession
    let call = Call(
      id: ownCallID(),
      work: .closeSession(window.id),
      timeoutMicroseconds: Self.closeSessionMicroseconds,
      now: now
    ) { [weak self] _ in self?.end() }
    enter(call)
  }

  /// The event loop broke: nobody is left waiting.
  func failEverything(_ error: LockstepError) {
    for call in calls.values.sorted(by: { $0.id < $1.id }) { fail(call, error) }
  }

  private func end() {
    closing = .done
    for link in links { link.connection?.finish() }
    ended()
  }
}
