import Linearizability
import Synchronization

/// What clients asked and were told, key by key.
///
/// An operation is opened before its call and closed behind it, and both take the next instant of
/// one counter. So what is recorded as one after the other was so.
package final class CallHistory: Sendable {
  /// One call about one key.
  typealias Operation = RecordedOperation<RevisionedRegister.Input, RevisionedRegister.Output>

  /// Where an operation stands.
  struct Place: Sendable {
    let key: String
    let number: Int
  }

  private struct Records {
    var instant: UInt64 = 0
    var operations: [String: [Operation]] = [:]
  }

  private let records = Mutex(Records())

  /// A history without operations.
  init() {}

  /// A call is about to be made.
  func open(_ input: RevisionedRegister.Input, of key: String) -> Place {
    records.withLock { records in
      records.instant += 1
      let operation = Operation(input: input, invoked: records.instant, ending: .info)
      records.operations[key, default: []].append(operation)
      return Place(key: key, number: (records.operations[key]?.count ?? 1) - 1)
    }
  }

  /// The call was answered.
  func close(_ place: Place, _ output: RevisionedRegister.Output) {
    records.withLock { records in
      records.instant += 1
      records.operations[place.key]?[place.number].ending = .ok(output, at: records.instant)
    }
  }

  /// The call was refused: it had no effect and never will.
  func refuse(_ place: Place) {
    records.withLock { $0.operations[place.key]?[place.number].ending = .fail }
  }

  /// Searches for each key an order that one machine could have followed.
  ///
  /// Keys do not depend on each other, so that each is judged by itself (Herlihy and Wing 1990,
  /// theorem 1).
  package func judge(stepsMax: Int = 2_000_000) -> CallVerdict {
    let operations = records.withLock { $0.operations }
    var verdict = CallVerdict()
    for key in operations.keys.sorted() {
      guard let recorded = operations[key] else { continue }
      verdict.keys += 1
      switch LinearizabilitySearch(RevisionedRegister(), stepsMax: stepsMax).judge(recorded) {
      case .linearizable: break
      case .unknown: verdict.undecided.append(key)
      case .notLinearizable(let contradiction):
        verdict.contradictions.append(Self.lines(about: key, recorded, contradiction.stuck))
      }
    }
    return verdict
  }

  /// The operations beside the one that fits nowhere, for people.
  private static func lines(
    about key: String,
    _ operations: [Operation],
    _ stuck: Int
  ) -> [String] {
    let shown = max(0, stuck - 12)..<min(operations.count, stuck + 5)
    return ["\(key): number \(stuck) of \(operations.count) fits nowhere"]
      + shown.map { number in
        let operation = operations[number]
        return "  \(number) at \(operation.invoked): \(text(operation.input)) -> "
          + text(operation.ending)
      }
  }

  private static func text(_ input: RevisionedRegister.Input) -> String {
    switch input {
    case .get: "get"
    case .put(let value): "put \(text(value))"
    case .insert(let value): "insert \(text(value))"
    case .replace(let value, let revision): "put \(text(value)) if at \(revision)"
    case .delete: "delete"
    case .increment(let amount): "add \(amount)"
    }
  }

  private static func text(_ ending: Operation.Ending) -> String {
    switch ending {
    case .fail: "refused"
    case .info: "unknown"
    case .ok(.found(let value, let revision), let at): "\(text(value)) at \(revision), \(at)"
    case .ok(.absent, let at): "absent, \(at)"
    case .ok(.changed(let revision), let at): "changed at \(revision), \(at)"
    case .ok(.counted(let sum, let revision), let at): "\(sum) at \(revision), \(at)"
    case .ok(.conflict, let at): "conflict, \(at)"
    }
  }

  private static func text(_ value: [UInt8]) -> String {
    String(decoding: value, as: UTF8.self)
  }
}
