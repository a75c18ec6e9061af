import Consensus
import PBFT
import Server

/// Says everything a second time in another replica's name, under its own signature.
final class Forgery: Misconduct {
  private let seat: LiarSeat

  init(_ seat: LiarSeat) {
    self.seat = seat
  }

  func words(
    insteadOf message: PBFTMessage,
    to member: Member,
    at now: UInt64
  ) -> [PBFTMessage] {
    [message] + (forged(message).map { [$0] } ?? [])
  }

  private func forged(_ message: PBFTMessage) -> PBFTMessage? {
    switch message {
    case .vote(var vote):
      vote.replica = seat.victim(besides: vote.replica)
      return .vote(seat.sign(vote))
    case .checkpoint(var vote):
      vote.replica = seat.victim(besides: vote.replica)
      return .checkpoint(seat.sign(vote))
    case .viewChange(var change):
      change.replica = seat.victim(besides: change.replica)
      return .viewChange(seat.sign(change))
    case .envelope, .prePrepare, .newView, .status, .stable, .committed, .fetch, .blocks,
      .askFence, .fenceReport:
      return nil
    }
  }
}
