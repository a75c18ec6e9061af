/// What a register may hold at some instant, and what of the open operations then took effect.
struct RegisterState: Hashable {
  /// The value, as a number.
  var value: Int
  /// By slot: open operations that took effect.
  var done = OperationSet(capacity: 64)
  /// By slot: open writes that may have taken effect unseen.
  var free = OperationSet(capacity: 64)

  /// The state in which a slot is empty.
  func without(_ slot: Int) -> RegisterState {
    var state = self
    state.done.remove(slot)
    state.free.remove(slot)
    return state
  }
}
