import ClientProtocol
import Consensus
import Synchronization
import Wire

/// The order that fake replicas share, and the state that it leads to.
final class FakeOrder: Sendable {
  private struct State {
    var index: UInt64 = 100
    var sessions: [UInt64: UInt64] = [:]
    var values: [[UInt8]: (value: [UInt8], revision: UInt64)] = [:]
    var written: [RequestKey: (index: UInt64, body: Reply.Body)] = [:]
    var sealed: Set<RequestKey> = []
    var scans: [UInt64: ArraySlice<QueryReply.Entry>] = [:]
    var envelopes: [SignedEnvelope] = []
    var applied: [RequestKey: Int] = [:]
    var replies: [Signature: [OrderedReply]] = [:]
  }

  private static let pageItems = 3

  private let state = Mutex(State())

  /// All envelopes that were ordered.
  var envelopes: [SignedEnvelope] { state.withLock(\.envelopes) }

  /// How many reads were ordered.
  var readsCount: Int { envelopes.flatMap(\.requests).count { $0.kind == .read } }

  /// How often each write changed the state.
  var applied: [RequestKey: Int] { state.withLock(\.applied) }

  /// Orders an envelope and says what becomes of its requests.
  func order(_ envelope: SignedEnvelope) -> [OrderedReply] {
    state.withLock { state in
      // As in a pool of envelopes: what is there already is not ordered again.
      if let known = state.replies[envelope.signature] { return known }
      state.envelopes.append(envelope)
      let replies = envelope.requests.map { request in
        state.index += 1
        let (index, body) = Self.apply(request, &state)
        return OrderedReply(
          requestKind: request.kind.rawValue,
          session: request.session,
          sequence: request.sequence,
          index: index,
          view: 0,
          body: body
        )
      }
      state.replies[envelope.signature] = replies
      return replies
    }
  }

  /// Answers a question without ordering it.
  func answer(_ query: [UInt8]) -> Reply.Body {
    state.withLock { state in Self.answer(query, &state) }
  }

  private static func apply(
    _ request: ClientRequest,
    _ state: inout State
  ) -> (UInt64, Reply.Body) {
    let index = state.index
    switch request.kind {
    case .register:
      let id = state.sessions[request.session] ?? index << 16 | 1
      state.sessions[request.session] = id
      return (index, .session(id))
    case .write:
      if let known = state.written[request.key] { return known }
      guard !state.sealed.contains(request.key) else {
        return (index, Samples.refused(.sequenceSealed))
      }
      state.applied[request.key, default: 0] += 1
      let reply = (index, write(request.command.array, &state))
      state.written[request.key] = reply
      return reply
    case .read: return (index, answer(request.command.array, &state))
    case .seal where request.session & 0xFFFF != 1:
      return (index, Samples.refused(.sessionExpired))
    case .seal:
      let key = RequestKey(kind: .write, session: request.session, sequence: request.sequence)
      if case .result(let bytes)? = state.written[key]?.body {
        return (index, .outcome(.committed(bytes)))
      }
      state.sealed.insert(key)
      return (index, .outcome(.neverApplied))
    case .close: return (index, .done)
    }
  }

  private static func write(_ bytes: [UInt8], _ state: inout State) -> Reply.Body {
    guard let command = try? Command(decoding: bytes),
      case .kvPut(let key, let value) = command.operation
    else { return Samples.written(state.index) }
    state.values[key] = (value, state.index)
    return Samples.written(state.index)
  }

  private static func answer(_ bytes: [UInt8], _ state: inout State) -> Reply.Body {
    guard let query = try? Query(decoding: bytes) else { return Samples.refused(.badRequest) }
    switch query.question {
    case .kvGet(_, let key):
      guard let found = state.values[key] else {
        return .result(QueryReply.item(nil).encoded())
      }
      return Samples.item(found.value, revision: found.revision)
    case .kvRange:
      let entries = state.values.keys.sorted { $0.lexicographicallyPrecedes($1) }.map { key in
        let found = state.values[key] ?? ([], 0)
        let item = QueryReply.Item(revision: found.revision, bytes: Bytes(found.value))
        return QueryReply.Entry(key: key, item: item)
      }
      return page(entries[...], &state)
    case .next(let cursor):
      guard let rest = state.scans.removeValue(forKey: cursor) else {
        return Samples.refused(.cursorExpired)
      }
      return page(rest, &state)
    default: return .result(QueryReply.closed.encoded())
    }
  }

  private static func page(
    _ entries: ArraySlice<QueryReply.Entry>,
    _ state: inout State
  ) -> Reply.Body {
    let rest = entries.dropFirst(pageItems)
    if !rest.isEmpty { state.scans[state.index] = rest }
    let page = QueryReply.Page(
      atRevision: state.index,
      cursor: rest.isEmpty ? 0 : state.index,
      entries: Array(entries.prefix(pageItems))
    )
    return .result(QueryReply.page(page).encoded())
  }
}
