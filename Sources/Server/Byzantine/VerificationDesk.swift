import Consensus
import Crypto
import PBFT
import Transport

/// Somebody whose words have to be verified, and how much of it is under way.
final class VerificationSource {
  let connection: Connection
  fileprivate(set) var inFlight = 0
  /// How many may be.
  fileprivate let inFlightMax: Int
  fileprivate var isHeldBack = false

  init(_ connection: Connection, inFlightMax: Int) {
    self.connection = connection
    self.inFlightMax = inFlightMax
  }
}

/// Has signatures verified on other threads before the loop acts on what they are under.
///
/// A source that has too much under way is not read from: a flood costs whoever sends it.
final class VerificationDesk {
  private struct Waiting {
    let claims: [SignatureClaim]
    let source: VerificationSource
    let goOn: (_ allHold: Bool) -> Void
  }

  private let verifier: CachingVerifier
  private let collector: ClaimCollector
  /// Checks with whatever is known, and gathers what is not.
  private let gathering: Authority
  private let pool: VerificationPool
  private let answers: Mailbox<VerificationPool.Answer>
  private var waiting: [UInt64: Waiting] = [:]
  private var nextNumber: UInt64 = 0

  /// Starts the threads; what they find wakes the loop of `waker`.
  init(
    authority: Authority,
    verifier: CachingVerifier,
    threadsCount: Int,
    waker: Waker
  ) throws(TransportError) {
    self.verifier = verifier
    collector = ClaimCollector(beside: verifier)
    gathering = authority.verifying(with: collector)
    answers = Mailbox(waking: waker)
    pool = try VerificationPool(
      keys: authority.replicas + authority.clients,
      threadsCount: threadsCount,
      answers: answers
    )
  }

  /// Goes on once every signature that `check` asks about is known; at once if all are.
  ///
  /// - Parameters:
  ///   - source: Who is to pay for it.
  ///   - check: Asks about all signatures there are.
  ///   - goOn: Is told whether all of them are good.
  func verify(
    from source: VerificationSource,
    _ check: (Authority) -> Bool,
    then goOn: @escaping (_ allHold: Bool) -> Void
  ) {
    let mayHold = check(gathering)
    let claims = collector.take()
    guard mayHold, !claims.isEmpty else { return goOn(mayHold) }
    nextNumber += 1
    do {
      try pool.submit(VerificationPool.Question(number: nextNumber, claims: claims))
    } catch {
      // As much waits as there is room for: it is lost, as it would be on a bad line.
      return
    }
    waiting[nextNumber] = Waiting(claims: claims, source: source, goOn: goOn)
    source.inFlight += 1
    guard source.inFlight >= source.inFlightMax, !source.isHeldBack else { return }
    source.isHeldBack = true
    source.connection.pauseReading()
  }

  /// Takes what the threads have found.
  func mailArrived() {
    var found: [VerificationPool.Answer] = []
    answers.take(into: &found)
    for answer in found {
      guard let asked = waiting.removeValue(forKey: answer.number) else { continue }
      for (claim, holds) in zip(asked.claims, answer.holds) { verifier.note(claim, holds) }
      let source = asked.source
      source.inFlight -= 1
      if source.isHeldBack, source.inFlight <= source.inFlightMax / 2 {
        source.isHeldBack = false
        source.connection.resumeReading()
      }
      asked.goOn(answer.holds.allSatisfy { $0 })
    }
  }

  /// Ends the threads.
  func stop() {
    pool.stop()
    waiting.removeAll()
  }
}
