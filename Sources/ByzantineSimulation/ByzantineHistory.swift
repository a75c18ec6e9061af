import ClientProtocol
import Consensus
import Linearizability
import Replication
import Simulation
import Wire

/// Everything that honest clients asked and were told, judged key by key (I14).
struct ByzantineHistory {
  typealias Register = RevisionedRegister
  typealias KeyOperation = RecordedOperation<Register.Input, Register.Output>

  private struct Operation {
    let question: ByzantineWorkload.Question
    let invoked: UInt64
    var ending = KeyOperation.Ending.info
    var isOver = false
  }

  private struct Group {
    let place: Place
    let key: [UInt8]
    var operations: [KeyOperation] = []
  }

  private static let stepsMax = 300_000

  private var operations: [Operation] = []
  private var instant: UInt64 = 0
  /// How many operations ended with an answer.
  private(set) var answeredCount = 0
  /// How many keys the search gave up on.
  private(set) var undecided = 0

  /// An operation begins.
  mutating func begin(_ question: ByzantineWorkload.Question) -> Int {
    instant += 1
    operations.append(Operation(question: question, invoked: instant))
    return operations.count - 1
  }

  /// An operation ends: with an answer, certainly without effect, or nobody knows.
  mutating func end(_ number: Int, _ reply: ReplicaReply) {
    instant += 1
    operations[number].isOver = true
    operations[number].ending = ending(reply)
    if case .ok = operations[number].ending { answeredCount += 1 }
  }

  private func ending(_ reply: ReplicaReply) -> KeyOperation.Ending {
    switch reply {
    case .applied(_, let bytes), .outcome(.committed(_, let bytes)):
      guard let reply = try? CommandReply(decoding: bytes.array) else { return .info }
      return .ok(reply.registerOutput, at: instant)
    case .answer(_, let bytes):
      guard let reply = try? QueryReply(decoding: bytes), let output = reply.registerOutput else {
        return .info
      }
      return .ok(output, at: instant)
    case .outcome(.neverCommitted), .refused(.sequenceSealed): return .fail
    case .registered, .closed, .outcome, .objection, .transferred, .reconfigured, .refused:
      return .info
    }
  }

  /// What is wrong with the history, or nil.
  mutating func judge() -> String? {
    var groups: [Group] = []
    for operation in operations {
      guard let (place, key) = operation.question.subject, let input = Self.input(operation)
      else { continue }
      let recorded = KeyOperation(
        input: input,
        invoked: operation.invoked,
        ending: operation.ending
      )
      let known = groups.firstIndex { $0.place == place && $0.key == key }
      if known == nil { groups.append(Group(place: place, key: key)) }
      groups[known ?? groups.count - 1].operations.append(recorded)
    }
    for group in groups {
      switch LinearizabilitySearch(Register(), stepsMax: Self.stepsMax).judge(group.operations) {
      case .linearizable: continue
      case .unknown: undecided += 1
      case .notLinearizable(let contradiction):
        let stuck = group.operations[contradiction.stuck]
        return "\(group.place.collection) \(String(decoding: group.key, as: UTF8.self)): "
          + "\(contradiction.longestOrder.count) of \(group.operations.count) operations have an "
          + "order, then \(stuck.input) -> \(stuck.ending) fits nowhere"
      }
    }
    return nil
  }

  private static func input(_ operation: Operation) -> Register.Input? {
    switch operation.question {
    case .read:
      // A read without an answer says nothing.
      if case .ok = operation.ending { return .get }
      return nil
    case .write(let command): return command.operation.registerInput
    }
  }
}
