import Synchronization

/// Pages on their way from the driver's thread to the reader of a stream.
///
/// It holds no more pages than the credit given to the node.
final class PageBuffer: Sendable {
  /// A page's bytes, and who sent it.
  struct Page: Sendable {
    let bytes: [UInt8]
    let servedBy: UInt32
  }

  /// What the reader finds next: a page, the end, or an error.
  typealias Next = Result<Page?, LockstepError>

  private struct State {
    var pages: [Page] = []
    var end: Next?
    var reader: CheckedContinuation<Next, Never>?
  }

  private let state = Mutex(State())

  /// Adds a page.
  func deliver(_ page: Page) {
    let reader = state.withLock { state in
      guard let reader = state.reader else {
        state.pages.append(page)
        return nil as CheckedContinuation<Next, Never>?
      }
      state.reader = nil
      return reader
    }
    reader?.resume(returning: .success(page))
  }

  /// Says that no page follows; pages delivered before are still read.
  func finish(_ error: LockstepError?) {
    let end: Next = error.map { .failure($0) } ?? .success(nil)
    let reader = state.withLock { state in
      guard state.end == nil else { return nil as CheckedContinuation<Next, Never>? }
      state.end = end
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume(returning: end)
  }

  /// Waits for the next page; one reader at a time.
  func next() async -> Next {
    await withCheckedContinuation { continuation in
      let ready: Next? = state.withLock { state in
        if !state.pages.isEmpty { return .success(state.pages.removeFirst()) }
        if let end = state.end { return end }
        state.reader = continuation
        return nil
      }
      if let ready { continuation.resume(returning: ready) }
    }
  }
}
