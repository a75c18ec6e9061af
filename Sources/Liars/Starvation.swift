import Consensus
import PBFT
import Server

/// Takes no envelope of the genesis' first client, neither from the client nor from backups that
/// pass it on.
final class Starvation: Misconduct {
  private let victim: PublicKey?

  init(_ seat: LiarSeat) {
    victim = seat.authority.clients.first
  }

  func heeds(_ envelope: SignedEnvelope) -> Bool { envelope.client != victim }
}
