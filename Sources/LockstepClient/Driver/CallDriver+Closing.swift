import ClientProtocol

/// The end: calls under way are finished, the session is closed, then the connections.
extension CallDriver {
  /// How long the cluster may take to close our session; it expires by itself otherwise.
  private static var closeSessionMicroseconds: UInt64 { 500_000 }

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
    // A session with writes of unknown fate stays open until it expires: without it nobody could
    // ask for their outcome any more.
    guard let window = session, !window.hasAbandoned, canCloseSession else { return end() }
    closing = .closingSession
    session = nil
    enter(
      .closeSession(window.id),
      timeoutMicroseconds: Self.closeSessionMicroseconds
    ) { [weak self] _ in self?.end() }
  }
}
