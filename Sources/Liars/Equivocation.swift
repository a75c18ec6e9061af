import Consensus
import PBFT
import Server

/// As primary it proposes another block to each backup, so that none finds 2f others who hold its
/// own; the block that it has itself follows, and so each backup can prove the lie (E1, E5).
///
/// One block for some and another for the rest would not stop anybody: with the primary's vote one
/// of them has 2f+1.
final class Equivocation: Misconduct {
  private let seat: LiarSeat

  init(_ seat: LiarSeat) {
    self.seat = seat
  }

  func words(
    insteadOf message: PBFTMessage,
    to member: Member,
    at now: UInt64
  ) -> [PBFTMessage] {
    guard case .prePrepare(let proposal) = message, message.isOfOrder else { return [message] }
    return [.prePrepare(rival(of: proposal, for: member)), message]
  }

  private func rival(of proposal: PrePrepare, for member: Member) -> PrePrepare {
    var rival = proposal
    rival.block.header.timeMicroseconds += seat.number(of: member)
    rival.vote.digest = seat.authority.digest(of: rival.block.header)
    rival.vote = seat.sign(rival.vote)
    return rival
  }
}
