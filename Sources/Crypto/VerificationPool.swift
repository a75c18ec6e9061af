package import Consensus
import Dispatch
import Synchronization
package import Transport

/// Verifies signatures on threads of its own, so that the loop never waits 70 µs for one.
///
/// What is found comes back through a mailbox, in no promised order; a number says to which
/// question it belongs. All sources are served in turn, piece by piece: nobody who hands in
/// thousands of forgeries makes the others wait for more than one piece of them.
package final class VerificationPool: Sendable {
  /// Claims that are judged together.
  package struct Question: Sendable {
    /// What the answer will be known by.
    package let number: UInt64
    /// What is claimed; something is.
    package let claims: [SignatureClaim]
    /// Who is to pay for it.
    package let source: ObjectIdentifier

    package init(number: UInt64, claims: [SignatureClaim], source: ObjectIdentifier) {
      self.number = number
      self.claims = claims
      self.source = source
    }
  }

  /// What the threads found of a piece of a question.
  package struct Answer: Sendable, Equatable {
    /// Which question it is.
    package let number: UInt64
    /// The place of the piece's first claim among the question's.
    package let first: Int
    /// Whether each claim of the piece holds, in the question's order.
    package let holds: [Bool]
  }

  /// Some claims of a question: what one thread judges before it looks who else waits.
  private struct Piece: Sendable {
    let number: UInt64
    let claims: ArraySlice<SignatureClaim>
  }

  private struct Inbox {
    var pieces = FairQueue<ObjectIdentifier, Piece>()
    var isStopping = false
  }

  /// The most claims that one thread judges before it turns to another source.
  package static let pieceMax = 64
  /// The most pieces of one source that may wait.
  package static let waitingMax = 4_096

  private let inbox = Mutex(Inbox())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let answers: Mailbox<Answer>
  private let threads = Mutex<[WorkerThread]>([])

  /// Starts the threads, each with a verifier of its own that knows these keys ahead.
  ///
  /// - Throws: `TransportError.systemCall` if the system refuses a thread.
  package init(
    keys: [PublicKey],
    threadsCount: Int = 2,
    answers: Mailbox<Answer>
  ) throws(TransportError) {
    invariant(threadsCount > 0, "somebody verifies")
    self.answers = answers
    for index in 0..<threadsCount {
      let thread: WorkerThread
      do throws(TransportError) {
        thread = try WorkerThread.start(name: "verify-\(index)") { [self] in
          run(Ed25519Verifier(keys: keys))
        }
      } catch {
        stop()
        throw error
      }
      threads.withLock { $0.append(thread) }
    }
  }

  /// Hands over a question; from any thread.
  ///
  /// - Throws: `CryptoError.busy` if too much of its source waits; nothing is verified then.
  package func submit(_ question: Question) throws(CryptoError) {
    let starts = stride(from: 0, to: question.claims.count, by: Self.pieceMax)
    let pieces = starts.map { start in
      Piece(number: question.number, claims: question.claims[start...].prefix(Self.pieceMax))
    }
    let isTaken = inbox.withLock { inbox in
      let waiting = inbox.pieces.count(of: question.source)
      guard waiting + pieces.count <= Self.waitingMax else { return false }
      for piece in pieces { inbox.pieces.append(piece, of: question.source) }
      return true
    }
    guard isTaken else { throw .busy(waiting: Self.waitingMax) }
    for _ in pieces { wakeUp.signal() }
  }

  /// Ends the threads after the claims they are at; what waits is never answered.
  package func stop() {
    inbox.withLock { $0.isStopping = true }
    let ending = threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for _ in ending { wakeUp.signal() }
    for thread in ending { thread.join() }
  }

  private func run(_ verifier: Ed25519Verifier) {
    while true {
      wakeUp.wait()
      let (piece, isStopping) = inbox.withLock { inbox in
        inbox.isStopping ? (nil, true) : (inbox.pieces.popFirst(), false)
      }
      if isStopping { return }
      guard let piece else { continue }
      let holds = piece.claims.map { claim in
        verifier.isValid(claim.signature, of: claim.bytes, by: claim.key)
      }
      answers.post(Answer(number: piece.number, first: piece.claims.startIndex, holds: holds))
    }
  }
}
