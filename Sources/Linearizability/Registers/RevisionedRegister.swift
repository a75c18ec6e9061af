/// One document or key with its revision: the log index of its last change.
///
/// Revisions make the search sharp: an answer names the very write that it saw.
package struct RevisionedRegister: SequentialModel {
  /// What the register holds.
  package struct State: Hashable, Sendable {
    /// The value; nil = absent.
    package var value: [UInt8]?
    /// The newest revision that an answer named.
    package var revision: UInt64 = 0
    /// Whether the value was written at `revision`, or later by a write nobody saw the answer of.
    package var isExact = true
  }

  /// What is asked.
  package enum Input: Equatable, Sendable {
    /// The value and its revision.
    case get
    /// Sets the value.
    case put([UInt8])
    /// Sets the value if there is none.
    case insert([UInt8])
    /// Sets the value if there is one, at this revision; 0 stands for any.
    case replace([UInt8], ifRevision: UInt64)
    /// Removes the value if it is at this revision; 0 stands for any.
    case delete(ifRevision: UInt64)
    /// Adds to the number that the value spells in decimal; absent counts as 0.
    case increment(by: Int64)
  }

  /// What is answered.
  package enum Output: Equatable, Sendable {
    /// The value and its revision; nil = absent.
    case found(value: [UInt8], revision: UInt64)
    /// There is no value, and a delete or replacement therefore did nothing.
    case absent
    /// The value was set or removed at this revision.
    case changed(revision: UInt64)
    /// The value was counted up to this at this revision.
    case counted(Int64, revision: UInt64)
    /// A condition on revision or absence did not hold, or the value is no number.
    case conflict
  }

  /// A register.
  package init() {}

  /// Nothing is there.
  package var initial: State { State() }

  /// The state after an operation.
  package func step(_ state: State, _ input: Input, _ output: Output?) -> State? {
    guard let output else { return blindStep(state, input) }
    switch output {
    case .found(let value, let revision): return read(state, value, revision, by: input)
    case .absent: return state.value == nil && Self.mayFindAbsent(input) ? state : nil
    case .changed(let revision): return change(state, input, at: revision)
    case .counted(let sum, let revision): return count(state, input, to: sum, at: revision)
    case .conflict: return conflict(state, input)
    }
  }

  private func read(
    _ state: State,
    _ value: [UInt8],
    _ revision: UInt64,
    by input: Input
  ) -> State? {
    guard input == .get, state.value == value else { return nil }
    guard state.isExact ? revision == state.revision : revision > state.revision else { return nil }
    return State(value: value, revision: revision)
  }

  private func change(_ state: State, _ input: Input, at revision: UInt64) -> State? {
    guard revision > state.revision else { return nil }
    switch input {
    case .put(let value):
      return State(value: value, revision: revision)
    case .insert(let value):
      return state.value == nil ? State(value: value, revision: revision) : nil
    case .replace(let value, let expected):
      guard state.value != nil, mayBe(state, at: expected) else { return nil }
      return State(value: value, revision: revision)
    case .delete(let expected):
      guard state.value != nil, mayBe(state, at: expected) else { return nil }
      return State(value: nil, revision: revision)
    case .get, .increment:
      return nil
    }
  }

  private func count(
    _ state: State,
    _ input: Input,
    to sum: Int64,
    at revision: UInt64
  ) -> State? {
    guard case .increment(let step) = input, revision > state.revision,
      let number = Self.number(in: state.value), number &+ step == sum
    else { return nil }
    return State(value: Self.text(of: sum), revision: revision)
  }

  private func conflict(_ state: State, _ input: Input) -> State? {
    switch input {
    case .insert: state.value != nil ? state : nil
    case .replace(_, let expected), .delete(let expected):
      state.value != nil && !mustBe(state, at: expected) ? state : nil
    case .increment: Self.number(in: state.value) == nil ? state : nil
    case .get, .put: nil
    }
  }

  /// What an operation does whose answer nobody saw; its revision stays open.
  private func blindStep(_ state: State, _ input: Input) -> State {
    switch input {
    case .get: return state
    case .put(let value): return unseen(state, value)
    case .insert(let value): return state.value == nil ? unseen(state, value) : state
    case .replace(let value, let expected):
      return state.value != nil && mayBe(state, at: expected) ? unseen(state, value) : state
    case .delete(let expected):
      return state.value != nil && mayBe(state, at: expected) ? unseen(state, nil) : state
    case .increment(let step):
      guard let number = Self.number(in: state.value) else { return state }
      return unseen(state, Self.text(of: number &+ step))
    }
  }

  private func unseen(_ state: State, _ value: [UInt8]?) -> State {
    State(value: value, revision: state.revision, isExact: false)
  }

  private func mayBe(_ state: State, at revision: UInt64) -> Bool {
    if revision == 0 { return true }
    return state.isExact ? state.revision == revision : revision > state.revision
  }

  private func mustBe(_ state: State, at revision: UInt64) -> Bool {
    revision == 0 || (state.isExact && state.revision == revision)
  }

  private static func mayFindAbsent(_ input: Input) -> Bool {
    switch input {
    case .get, .delete, .replace: true
    case .put, .insert, .increment: false
    }
  }

  /// The number that a value spells; 0 where there is none, nil where it spells no number.
  static func number(in value: [UInt8]?) -> Int64? {
    guard let value else { return 0 }
    return Int64(String(decoding: value, as: UTF8.self))
  }

  static func text(of number: Int64) -> [UInt8] {
    Array(String(number).utf8)
  }
}
