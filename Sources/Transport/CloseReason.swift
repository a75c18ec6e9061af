/// Why a connection ended without its owner's doing.
package enum CloseReason: Equatable, Sendable {
  /// The other side said goodbye.
  case endedByPeer
  /// It broke, or never came to be.
  case failed(TransportError)
}
