import ClientProtocol
import Synchronization

@testable import Transport

/// Takes replies on a thread of its own, while the test turns the loop.
final class Taking: @unchecked Sendable {
  private let client: BlockingClient
  private let taken = Atomic<Int>(0)
  private let ended = Atomic<Bool>(false)
  private var thread: WorkerThread?
  /// The codes of the errors among the replies; complete once `finish` has returned.
  private(set) var refusals: [ErrorCode] = []

  init(_ client: BlockingClient, count: Int) throws {
    self.client = client
    thread = try WorkerThread.start(name: "taking") { [self] in
      while taken.load(ordering: .relaxed) < count, let (reply, _, _) = try? self.client.nextReply()
      {
        if case .error(let refused) = reply.body { refusals.append(refused.code) }
        taken.add(1, ordering: .relaxed)
      }
      ended.store(true, ordering: .releasing)
    }
  }

  var isDone: Bool { ended.load(ordering: .acquiring) }

  /// Waits for the thread's end and says how many replies there were.
  func finish() -> Int {
    thread?.join()
    return taken.load(ordering: .relaxed)
  }
}
