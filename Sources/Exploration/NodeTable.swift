import Consensus
import Raft

/// Every state that any node has been in, numbered, and every step between them.
///
/// Worlds are many and states of one node are few: a step of the core is computed once, however
/// many worlds take it (as SPIN's collapse compression shares the states of processes).
struct NodeTable {
  /// What a step does; a value without references, as it is looked at millions of times.
  struct Step {
    /// The node's state afterwards.
    let node: Int
    /// Where in `sent` the messages stand that leave.
    let sent: Range<Int>
    let isTruncation: Bool
    let isViolation: Bool
  }

  private(set) var nodes: [SmallNode] = []
  private(set) var facts: [NodeFacts] = []
  /// Six fingerprints each, one per renaming.
  private(set) var fingerprints: [UInt64] = []
  private(set) var messages = MessageTable()
  private(set) var steps: [Step] = []
  /// The messages that leave in all steps, by number.
  private(set) var sent: [Int] = []
  /// The first broken promise of each step that breaks one, by the step's number.
  private var violations: [(step: Int, WorldViolation)] = []
  /// Looked up only.
  private var numbers: [[UInt8]: Int] = [:]
  private var stepNumbers = NumberTable()

  /// The number of a state.
  mutating func number(_ node: SmallNode) -> Int {
    let bytes = node.canonicalBytes(Renaming.all[0])
    if let number = numbers[bytes] { return number }
    let number = nodes.count
    numbers[bytes] = number
    nodes.append(node)
    facts.append(NodeFacts(node))
    for renaming in Renaming.all {
      fingerprints.append(Fingerprint.of(node.canonicalBytes(renaming)))
    }
    return number
  }

  /// The number of the step that an action is from a state.
  mutating func step(of node: Int, _ action: WorldAction) -> Int {
    let key = UInt64(node + 1) << 32 | UInt64(action.packed)
    if let number = stepNumbers[key] { return Int(number) }
    let number = steps.count
    stepNumbers.add(UInt32(number), for: key)
    steps.append(take(action, from: node))
    return number
  }

  /// The first promise that a step breaks, which breaks one.
  func violation(ofStep number: Int) -> WorldViolation {
    guard let found = violations.first(where: { $0.step == number }) else {
      fatalError("a step marked as a violation has one")
    }
    return found.1
  }

  private mutating func take(_ action: WorldAction, from number: Int) -> Step {
    let before = nodes[number]
    var node = before
    let effects = perform(action, on: &node)
    var violation: WorldViolation?
    do throws(WorldViolation) {
      let judge = NodeJudge(before: before, after: node, isCrash: action.kind == .crash)
      try judge.judgeState()
      node.pledge = try judge.judge(effects.sent)
    } catch {
      violation = error
    }
    if let violation { violations.append((steps.count, violation)) }
    let start = sent.count
    for envelope in effects.sent {
      sent.append(messages.number(node.damaged(envelope), from: node.place))
    }
    return Step(
      node: self.number(node),
      sent: start..<sent.count,
      isTruncation: effects.isTruncated,
      isViolation: violation != nil
    )
  }

  private func perform(_ action: WorldAction, on node: inout SmallNode) -> NodeEffects {
    switch action.kind {
    case .deliver:
      let item = messages.items[action.argument]
      return node.receive(item.message, from: item.sender)
    case .deliverLate:
      let item = messages.items[action.argument]
      return node.receiveLate(item.message, from: item.sender)
    case .time: return node.passTime()
    case .sync: return node.sync(action.argument)
    case .submit: return node.submit(action.argument)
    case .crash: return node.crash(surviving: action.argument)
    }
  }
}
