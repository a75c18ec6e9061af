import Consensus
import Documents
import Wire

/// The shipped store, with everything it applied since the node's start kept for the checker.
struct ObservedStore: StateMachine {
  typealias Change = DocumentStore.Change

  /// One command that took effect.
  struct Application {
    let index: LogIndex
    let command: Bytes
    let reply: [UInt8]
  }

  private var store: DocumentStore
  private(set) var applications: [Application] = []
  /// What is wrong with this node, if anything is.
  let lie: PlantedLie?

  init(cursorSeed: UInt64, lie: PlantedLie? = nil) {
    self.lie = lie
    store = DocumentStore(cursorSeed: cursorSeed, handsOver: true)
  }

  func objection(to command: Bytes) -> [UInt8]? { store.objection(to: command) }

  func knows(_ command: Bytes) -> Bool { store.knows(command) }

  func level(of command: Bytes) -> FeatureLevel { store.level(of: command) }

  mutating func apply(_ command: Bytes, at place: LogPlace) -> CompactBytes {
    let reply = store.apply(command, at: place)
    applications.append(Application(index: place.index, command: command, reply: reply.array))
    return reply
  }

  var changes: [Change] { store.changes }

  mutating func answer(_ query: [UInt8], now: Reading) -> [UInt8] {
    store.answer(query, now: now)
  }

  mutating func answer(
    _ query: [UInt8],
    at place: LogPlace,
    by client: ClientNumber
  ) -> [UInt8] {
    store.answer(query, at: place, by: client)
  }

  mutating func tick(_ now: Reading) {
    store.tick(now)
  }

  var resultDigest: UInt64 {
    guard let lie, isLying else { return store.resultDigest }
    return store.resultDigest ^ lie.error
  }

  /// Whether its results have come to something wrong.
  var isLying: Bool {
    guard let lie, let newest = applications.last?.index else { return false }
    return newest >= lie.from
  }

  func stateDigest() -> UInt64 { store.stateDigest() }

  func freeze() -> DocumentStoreImage { store.freeze() }

  mutating func takeDiscarded() -> [any Sendable] { store.takeDiscarded() }

  mutating func adopt(_ restored: ObservedStore) { store.adopt(restored.store) }
}

extension ObservedStore {
  /// Reads the store back; what the checker watches is the node's own and not in it.
  struct Builder: StateBuilder {
    private var builder = DocumentStoreBuilder()

    mutating func take(_ piece: Bytes) throws(WireError) { try builder.take(piece) }

    mutating func finish() throws(WireError) -> ObservedStore {
      var observed = ObservedStore(cursorSeed: 0)
      observed.store = try builder.finish()
      return observed
    }
  }
}
