import Consensus
import PBFT
import Server

/// When it leaves a view it hides what it knows to be stable and prepared, so that the next view
/// might begin too early; whoever has seen a commit of its own can prove that (E6).
final class StaleViewChange: Misconduct {
  private let seat: LiarSeat

  init(_ seat: LiarSeat) {
    self.seat = seat
  }

  func words(
    insteadOf message: PBFTMessage,
    to member: Member,
    at now: UInt64
  ) -> [PBFTMessage] {
    guard case .viewChange(var change) = message else { return [message] }
    change.stable = nil
    change.high = nil
    return [.viewChange(seat.sign(change))]
  }
}
