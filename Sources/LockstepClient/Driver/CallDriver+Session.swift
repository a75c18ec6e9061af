import ClientProtocol

/// The session: asked for once, its window kept, one answer after the other.
extension CallDriver {
  /// Asks for a session, unless somebody does already.
  func openSession() {
    guard session == nil, opener == nil else { return }
    // The nonce stays the same over all tries, so that they find one session.
    let nonce = sessionNonce ?? UInt64.random(in: Self.nonces, using: &random)
    sessionNonce = nonce
    opener = enter(
      .openSession(nonce: nonce),
      timeoutMicroseconds: options.timeoutMicroseconds
    ) { [weak self] in self?.sessionOpened($0) }
  }

  private func sessionOpened(_ result: Result<Answer, LockstepError>) {
    opener = nil
    switch result {
    case .success(let answer):
      sessionNonce = nil
      guard case .session(let id) = answer.body else { return sessionFailed(.unexpectedAnswer) }
      session = SessionWindow(id: id, size: Limits.sessionWindow)
      sessionIsOpen(id)
    case .failure(let error): sessionFailed(error)
    }
  }

  /// What to tell the cluster about earlier answers, with a write of this session.
  func answeredThrough(in id: UInt64?) -> UInt64 {
    guard let session, session.id == id else { return 0 }
    return session.answeredThrough
  }

  /// Notes what the end of a write means for its session.
  func settle(_ call: Call, _ result: Result<Answer, LockstepError>) {
    guard let write = call.write, session?.id == write.session else { return }
    if result.failure?.outcome == .unknown {
      session?.abandon(write.sequence)
    } else {
      session?.settle(write.sequence)
    }
    releaseWrites()
  }
}
