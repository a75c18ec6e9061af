import CSystem
import Glibc
import Synchronization

/// A thread of our own.
///
/// It runs one function to its end.
package final class WorkerThread: Sendable {
  /// What the new thread is to do, carried through pthread's untyped pointer.
  private final class Work: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// The running thread, until somebody has waited for its end.
  private let thread: Mutex<pthread_t?>

  private init(_ thread: pthread_t) {
    self.thread = Mutex(thread)
  }

  deinit {
    // Nobody can wait for it any more: the system may clean up behind it.
    thread.withLock { thread in
      if let thread { pthread_detach(thread) }
    }
  }

  /// Starts a thread; the first 15 bytes of `name` are seen in `ps` and `top`.
  ///
  /// - Throws: `TransportError.systemCall` if the system refuses another thread.
  package static func start(
    name: String,
    _ body: @escaping @Sendable () -> Void
  ) throws(TransportError) -> WorkerThread {
    let work = unsafe Unmanaged.passRetained(Work(name: name, body: body))
    var thread = pthread_t()
    // The retained work is released by exactly one side: the new thread, or us if there is none.
    let result = unsafe pthread_create(
      &thread,
      nil,
      { pointer in
        guard let pointer = unsafe pointer else { return nil }
        let work = unsafe Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue()
        unsafe lockstep_thread_name(work.name)
        work.body()
        return nil
      },
      work.toOpaque()
    )
    guard result == 0 else {
      unsafe work.release()
      throw .systemCall("pthread_create", doing: "starting the thread \(name)", errno: result)
    }
    return WorkerThread(thread)
  }

  /// Has the calling thread leave the processor to others that want it: it gets a quarter of what
  /// they get (nice 5 or more; Linux keeps niceness by thread).
  package static func giveWay() {
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
  }

  /// Waits until the function has returned.
  ///
  /// Only the first call waits.
  package func join() {
    let joinable = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    if let joinable { pthread_join(joinable, nil) }
  }
}
