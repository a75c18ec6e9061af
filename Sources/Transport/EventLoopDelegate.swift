/// Owns an event loop: what happens once per turn.
///
/// Called on the loop's thread only.
package protocol EventLoopDelegate: AnyObject {
  /// Mail may wait: empty the mailboxes of this loop.
  func mailArrived()

  /// A timer is due.
  ///
  /// Every ready socket has been read before.
  func timerFired(_ token: UInt64)

  /// Everything of this turn has been delivered: act on it and send.
  ///
  /// What is sent now leaves together, connection by connection.
  func turnEnded()

  /// A listener rests for a moment because no connection can be accepted.
  func acceptingPaused(_ listener: Listener, because error: TransportError)
}
