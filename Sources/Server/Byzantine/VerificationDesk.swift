import Consensus
import Crypto
import PBFT
import Transport

/// Somebody whose words have to be verified, and how much of it is under way.
///
/// A node stays the same source over all its connections: dialing anew gives it no more.
final class VerificationSource {
  /// The bytes under way beyond which it is not read from.
  private static let sizeMax = 16 << 20
  /// The most signatures of it that the loop verifies in one turn: some 2 ms.
  private static let atOnceMax = 16

  private weak var connection: Connection?
  private var inFlight = 0
  private var size = 0
  private let inFlightMax: Int
  private var isHeldBack = false
  /// Whether a signature of it was bad: then it waits for the threads like everybody's rest.
  private var hasForged = false
  /// The turn in which something of it was last verified at once, and how much.
  private var atOnce = (turn: UInt64(0), count: 0)

  /// A source of which so many words, of at most 16 MiB, may be under way.
  init(inFlightMax: Int) {
    self.inFlightMax = inFlightMax
  }

  /// Whether so many signatures of it may be verified on the loop, too.
  fileprivate func mayHave(_ count: Int, atOnceIn turn: UInt64) -> Bool {
    if atOnce.turn != turn { atOnce = (turn, 0) }
    guard !hasForged, atOnce.count + count <= Self.atOnceMax else { return false }
    atOnce.count += count
    return true
  }

  fileprivate func note(_ allHold: Bool) {
    if !allHold { hasForged = true }
  }

  /// Speaks over this connection from now on, which is read no sooner than the last one would be.
  func speaks(over connection: Connection) {
    self.connection = connection
    if isHeldBack { connection.pauseReading(.unprocessed) }
  }

  fileprivate func begin(_ size: Int) {
    inFlight += 1
    self.size += size
    guard inFlight >= inFlightMax || self.size >= Self.sizeMax, !isHeldBack else { return }
    isHeldBack = true
    connection?.pauseReading(.unprocessed)
  }

  fileprivate func end(_ size: Int) {
    inFlight -= 1
    self.size -= size
    guard isHeldBack, inFlight <= inFlightMax / 2, self.size <= Self.sizeMax / 2 else { return }
    isHeldBack = false
    connection?.resumeReading(.unprocessed)
  }
}

/// Has signatures verified before the loop acts on what they are under.
///
/// Mostly that is done on other threads. What is urgent, and what comes while nothing else waits,
/// is verified on the spot: two hand-overs between threads take as long as a signature. Nothing
/// is, of a source that has forged, nor more in one turn than costs a few milliseconds, however
/// many the sources are. A source that has too much under way is not read from: a flood costs
/// whoever sends it.
final class VerificationDesk {
  /// A proposal of one envelope is verified on the spot if nothing else waits.
  private static let quickMax = 2
  /// The most signatures that the loop verifies in one turn, whoever they are from: a crowd of
  /// clients takes some 2 ms of it, the other nodes some 5 ms, and votes wait for neither longer.
  private static let atOnceMax = (usual: 16, urgent: 48)

  private struct Waiting {
    let claims: [SignatureClaim]
    let source: VerificationSource
    let size: Int
    let goOn: (_ allHold: Bool) -> Void
    /// What was found of each claim, and of how many nothing yet.
    var holds: [Bool]
    var openCount: Int

    mutating func take(_ answer: VerificationPool.Answer) {
      let place = answer.first..<answer.first + answer.holds.count
      holds.replaceSubrange(place, with: answer.holds)
      openCount -= place.count
    }
  }

  private let verifier: CachingVerifier
  private let collector: ClaimCollector
  /// Checks with whatever is known, and gathers what is not.
  private let gathering: Authority
  private let pool: VerificationPool
  private let answers: Mailbox<VerificationPool.Answer>
  private var waiting: [UInt64: Waiting] = [:]
  private var nextNumber: UInt64 = 0
  private var turn: UInt64 = 1
  /// What was verified on the loop in this turn.
  private var atOnce = (usual: 0, urgent: 0)
  /// The bytes of everything under way.
  private(set) var size = 0

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
  ///   - size: How many bytes are kept meanwhile.
  ///   - isUrgent: Whether it is not to wait behind others.
  ///   - check: Asks about all signatures there are.
  ///   - goOn: Is told whether all of them are good.
  func verify(
    from source: VerificationSource,
    size: Int,
    isUrgent: Bool = false,
    _ check: (Authority) -> Bool,
    then goOn: @escaping (_ allHold: Bool) -> Void
  ) {
    let mayHold = check(gathering)
    let claims = collector.take()
    guard !claims.isEmpty else { return goOn(mayHold) }
    // Whoever reads what is wrong anyway asks for its signatures, too: on the loop they would cost
    // the node, and not their source.
    let goOn = mayHold ? goOn : { _ in goOn(false) }
    if mayHave(claims.count, isUrgent), source.mayHave(claims.count, atOnceIn: turn) {
      if isUrgent { atOnce.urgent += claims.count } else { atOnce.usual += claims.count }
      let allHold = claims.allSatisfy {
        verifier.isValid($0.signature, of: $0.bytes, by: $0.key)
      }
      source.note(allHold)
      return goOn(allHold)
    }
    nextNumber += 1
    do {
      try pool.submit(
        VerificationPool.Question(
          number: nextNumber,
          claims: claims,
          source: ObjectIdentifier(source)
        )
      )
    } catch {
      // As much waits as there is room for: it is lost, as it would be on a bad line.
      return
    }
    waiting[nextNumber] = Waiting(
      claims: claims,
      source: source,
      size: size,
      goOn: goOn,
      holds: Array(repeating: false, count: claims.count),
      openCount: claims.count
    )
    self.size += size
    source.begin(size)
  }

  /// Whether so many signatures more may be verified on the loop in this turn.
  private func mayHave(_ count: Int, _ isUrgent: Bool) -> Bool {
    guard !isUrgent else { return atOnce.urgent + count <= Self.atOnceMax.urgent }
    return waiting.isEmpty && count <= Self.quickMax
      && atOnce.usual + count <= Self.atOnceMax.usual
  }

  /// What is verified on the spot is bounded by turns.
  func turnEnded() {
    turn += 1
    atOnce = (0, 0)
  }

  /// Takes what the threads have found.
  func mailArrived() {
    for answer in answers.takeAll() {
      waiting[answer.number]?.take(answer)
      guard let asked = waiting[answer.number], asked.openCount == 0 else { continue }
      waiting[answer.number] = nil
      // All at once: whoever goes on now asks for all of them again.
      for (claim, holds) in zip(asked.claims, asked.holds) { verifier.note(claim, holds) }
      size -= asked.size
      asked.source.end(asked.size)
      let allHold = asked.holds.allSatisfy { $0 }
      asked.source.note(allHold)
      asked.goOn(allHold)
    }
  }

  /// Ends the threads.
  func stop() {
    pool.stop()
    waiting.removeAll()
  }
}
