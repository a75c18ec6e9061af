package import Consensus
import Dispatch
import Synchronization
package import Transport

/// Verifies signatures on threads of its own, so that the loop never waits 70 µs for one.
///
/// What is found comes back through a mailbox, in no promised order; a number says to which
/// question it belongs.
package final class VerificationPool: Sendable {
  /// Claims that are judged together.
  package struct Question: Sendable {
    /// What the answer will be known by.
    package let number: UInt64
    /// What is claimed.
    package let claims: [SignatureClaim]

    /// A question.
    package init(number: UInt64, claims: [SignatureClaim]) {
      self.number = number
      self.claims = claims
    }
  }

  /// What the threads found.
  package struct Answer: Sendable, Equatable {
    /// Which question it is.
    package let number: UInt64
    /// Whether each claim holds, in the question's order.
    package let holds: [Bool]
  }

  private struct Inbox {
    /// What waits, behind what was taken already.
    var questions: [Question] = []
    var taken = 0
    var isStopping = false

    mutating func next() -> Question? {
      guard taken < questions.count else { return nil }
      let question = questions[taken]
      taken += 1
      if taken == questions.count {
        questions.removeAll(keepingCapacity: true)
        taken = 0
      } else if taken * 2 > questions.count {
        questions.removeFirst(taken)
        taken = 0
      }
      return question
    }
  }

  /// The most questions that may wait: at 70 µs a claim, more than a second's work.
  package static let waitingMax = 16_384

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
  /// - Throws: `CryptoError.busy` if too many wait; nothing is verified then.
  package func submit(_ question: Question) throws(CryptoError) {
    let isTaken = inbox.withLock { inbox in
      guard inbox.questions.count - inbox.taken < Self.waitingMax else { return false }
      inbox.questions.append(question)
      return true
    }
    guard isTaken else { throw .busy(waiting: Self.waitingMax) }
    wakeUp.signal()
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
      let (question, isStopping) = inbox.withLock { inbox in
        inbox.isStopping ? (nil, true) : (inbox.next(), false)
      }
      if isStopping { return }
      guard let question else { continue }
      let holds = question.claims.map { claim in
        verifier.isValid(claim.signature, of: claim.bytes, by: claim.key)
      }
      answers.post(Answer(number: question.number, holds: holds))
    }
  }
}
