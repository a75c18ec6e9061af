import Consensus
import PBFT
import Server

/// Says nothing that would bring the order forward, but goes on to say how it stands, as a node
/// does that is well.
final class Withholding: Misconduct {
  func words(
    insteadOf message: PBFTMessage,
    to member: Member,
    at now: UInt64
  ) -> [PBFTMessage] {
    message.isOfOrder ? [] : [message]
  }
}
