import Consensus
import PBFT
import Server

/// Says with each message an old one again, to whoever listens, signatures and all.
final class Replaying: Misconduct {
  /// So many are remembered; the newest takes the place of the oldest.
  private static let countMax = 1_024

  private var past: [PBFTMessage] = []
  private var next = 0

  func words(
    insteadOf message: PBFTMessage,
    to member: Member,
    at now: UInt64
  ) -> [PBFTMessage] {
    defer { next = (next + 1) % Self.countMax }
    guard past.count == Self.countMax else {
      past.append(message)
      return [message, past[past.count / 2]]
    }
    let old = past[next]
    past[next] = message
    return [message, old]
  }
}
