import Consensus
import Documents

/// The shipped store, with everything it applied since the node's start kept for the checker.
struct ObservedStore: StateMachine {
  typealias Change = DocumentStore.Change

  /// One command that took effect.
  struct Application {
    let index: LogIndex
    let command: [UInt8]
    let reply: [UInt8]
  }

  private var store: DocumentStore
  private(set) var applications: [Application] = []

  init(cursorSeed: UInt64) {
    store = DocumentStore(cursorSeed: cursorSeed)
  }

  func objection(to command: [UInt8]) -> [UInt8]? { store.objection(to: command) }

  func knows(_ command: [UInt8]) -> Bool { store.knows(command) }

  mutating func apply(_ command: [UInt8], at place: LogPlace) -> Applied<Change> {
    let applied = store.apply(command, at: place)
    applications.append(
      Application(index: place.index, command: command, reply: applied.reply)
    )
    return applied
  }

  mutating func answer(_ query: [UInt8], now: Reading) -> [UInt8] {
    store.answer(query, now: now)
  }

  mutating func tick(_ now: Reading) {
    store.tick(now)
  }

  var resultDigest: UInt64 { store.resultDigest }

  func stateDigest() -> UInt64 { store.stateDigest() }
}
