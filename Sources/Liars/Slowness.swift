import Consensus
import PBFT
import Server

/// Says late what would bring the order forward: sooner than the view's timeout, so that only
/// those leave it who compare a primary with what it could do (docs/byzantine.md, "A slow
/// primary").
final class Slowness: Misconduct {
  private static let delayMicroseconds: UInt64 = 300_000

  private var waiting: [(due: UInt64, envelope: Envelope<PBFTMessage>)] = []

  func words(
    insteadOf message: PBFTMessage,
    to member: Member,
    at now: UInt64
  ) -> [PBFTMessage] {
    guard message.isOfOrder else { return [message] }
    waiting.append((now + Self.delayMicroseconds, Envelope(to: member, message)))
    return []
  }

  func lateWords(at now: UInt64) -> [Envelope<PBFTMessage>] {
    let due = waiting.prefix { $0.due <= now }.map(\.envelope)
    waiting.removeFirst(due.count)
    return due
  }
}
