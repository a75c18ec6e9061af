import ClientProtocol
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
  /// What a memory that lies holds, once it has begun to.
  private var wrong: DocumentStore?
  /// Whether a reply was remembered wrongly.
  private(set) var hasWrongReplies = false
  private(set) var applications: [Application] = []
  /// What is wrong with this node, if anything is.
  let lie: PlantedLie?
  /// What its node's build understands; nil where all are of this one.
  private let build: FeatureLevel?

  init(cursorSeed: UInt64, lie: PlantedLie? = nil, build: FeatureLevel? = nil) {
    self.lie = lie
    self.build = build
    store = DocumentStore(cursorSeed: cursorSeed, handsOver: true)
  }

  func objection(to command: Bytes) -> [UInt8]? {
    guard knows(command) else {
      return CommandReply.failed(.init(.unknownCommand, "this build is too old")).encoded()
    }
    return store.objection(to: command)
  }

  func knows(_ command: Bytes) -> Bool {
    level(of: command) <= build ?? .own && store.knows(command)
  }

  func onlyRemoves(_ command: Bytes) -> Bool { store.onlyRemoves(command) }

  /// Where builds are mixed, increments count as new.
  func level(of command: Bytes) -> FeatureLevel {
    guard build != nil, let decoded = try? Command(decoding: command.array),
      case .kvIncrement = decoded.operation
    else { return store.level(of: command) }
    return .own
  }

  mutating func apply(_ command: Bytes, at place: LogPlace) -> CompactBytes {
    guard let lie else { return applyRightly(command, at: place) }
    if isLying {
      _ = wrong?.apply(command, at: place)
      return applyRightly(command, at: place)
    }
    let before = store
    let reply = applyRightly(command, at: place)
    guard place.index >= lie.from, !store.changes.isEmpty else { return reply }
    guard lie.kind != .reply else {
      hasWrongReplies = true
      return lie.falsified(reply)
    }
    wrong = before
    if let falsified = lie.falsified(command) { _ = wrong?.apply(falsified, at: place) }
    return reply
  }

  private mutating func applyRightly(_ command: Bytes, at place: LogPlace) -> CompactBytes {
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

  var oldestCursorSince: UInt64? { store.oldestCursorSince }

  var resultDigest: UInt64 { (wrong ?? store).resultDigest }

  /// Whether its results have come to something wrong.
  var isLying: Bool { wrong != nil || hasWrongReplies }

  func stateDigest() -> UInt64 { store.stateDigest() }

  func freeze() -> DocumentStoreImage { (wrong ?? store).freeze() }

  mutating func takeDiscarded() -> [any Sendable] { store.takeDiscarded() }

  mutating func adopt(_ restored: ObservedStore) {
    store.adopt(restored.store)
    wrong = nil
    hasWrongReplies = false
  }
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
