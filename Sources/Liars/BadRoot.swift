import Consensus
import PBFT
import Server

/// Vouches for states that nobody has: every root is the digest of the true one.
final class BadRoot: Misconduct {
  private let seat: LiarSeat

  init(_ seat: LiarSeat) {
    self.seat = seat
  }

  func words(
    insteadOf message: PBFTMessage,
    to member: Member,
    at now: UInt64
  ) -> [PBFTMessage] {
    guard case .checkpoint(var vote) = message else { return [message] }
    vote.stateRoot = seat.authority.digester.digest(of: vote.stateRoot.bytes, domain: .leaf)
    return [.checkpoint(seat.sign(vote))]
  }
}
