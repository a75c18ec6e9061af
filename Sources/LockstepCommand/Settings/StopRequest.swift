import Synchronization

/// A request to stop, which reaches whoever can obey it just then, or else the next who can: a node
/// that comes back as another member serves twice.
final class StopRequest: Sendable {
  private struct State {
    var isMade = false
    var obey: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  /// Has it stop, now or later.
  func make() {
    let obey = state.withLock { state in
      state.isMade = true
      return state.obey
    }
    obey?()
  }

  /// Says who obeys from now on; at once if the request was made before.
  func hand(to obey: @escaping @Sendable () -> Void) {
    let isMade = state.withLock { state in
      state.obey = obey
      return state.isMade
    }
    if isMade { obey() }
  }
}
