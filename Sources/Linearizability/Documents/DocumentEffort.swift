/// What one event may cost a judge: so many states, and the time that there is.
final class DocumentEffort {
  /// The time is asked for once in so many states.
  private static let stride = 256

  private let statesMax: Int
  private let isTimeOver: @Sendable () -> Bool
  private var count = 0
  /// Why no more states are looked at, in a sentence; nil while some may be.
  private(set) var end: String?

  init(statesMax: Int, isTimeOver: @escaping @Sendable () -> Bool) {
    self.statesMax = statesMax
    self.isTimeOver = isTimeOver
  }

  /// Another event begins.
  func begin() { count = 0 }

  /// Whether another state may be looked at.
  func allowsOne() -> Bool {
    guard end == nil else { return false }
    count += 1
    if count > statesMax {
      end = "more than \(statesMax) states are possible at one instant"
    } else if count % Self.stride == 0, isTimeOver() {
      end = "the time is over"
    }
    return end == nil
  }
}
