import Consensus
import XCTest

@testable import Raft

/// Runs a scenario: lines at the margin are commands, indented lines beneath what they lead to.
///
/// `RECORD=1 swift test --filter ScenarioTests` writes what happens into the files; the diff is
/// then reviewed like code.
struct Scenario {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private var cluster = TestCluster(1)

  /// Runs the script and returns it with the traces as they are.
  static func run(_ script: String) throws -> String {
    var scenario = Scenario()
    var output: [String] = []
    for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("  ") { continue }
      output.append(String(line))
      if line.isEmpty || line.hasPrefix("#") { continue }
      do {
        try scenario.execute(line.split(separator: " ").map(String.init))
      } catch {
        let past = (output + scenario.cluster.trace).suffix(40).joined(separator: "\n")
        throw Failure(description: "\(line): \(error), after\n\(past)")
      }
      output += scenario.cluster.trace.map { "  " + $0 }
      scenario.cluster.trace = []
      guard scenario.cluster.violations.isEmpty else {
        throw Failure(description: "\(line): \(scenario.cluster.violations)")
      }
    }
    return output.joined(separator: "\n")
  }

  private mutating func execute(_ words: [String]) throws {
    let arguments = Array(words.dropFirst())
    switch words[0] {
    case "nodes":
      var options = RaftOptions.trusting
      if arguments.last == "small-appends" { options.appendSizeMax = 1 }
      let joiners = arguments.count > 2 && arguments[1] == "and" ? try number(arguments, 2) : 0
      cluster = TestCluster(try number(arguments, 0), joiners: joiners, options: options)
    case "log": try preload(arguments)
    case "deliver", "drop", "cut", "heal": try executeOnLinks(words[0], arguments)
    case "settle": cluster.settle()
    case "run": cluster.run(milliseconds: try number(arguments, 0))
    case "tick": cluster.tickAll(milliseconds: UInt64(try number(arguments, 0)))
    case "expect": try expect(arguments)
    default: try executeOnNode(words[0], arguments)
    }
  }

  private func executeOnNode(_ verb: String, _ arguments: [String]) throws {
    let node = try number(arguments, 0)
    let text = arguments.dropFirst().joined(separator: " ")
    switch verb {
    case "timeout": cluster.call(node) { $0.fireElectionTimer() }
    case "propose": cluster.call(node) { $0.submit(.request(.fixture(text))) }
    case "read":
      let id = ReadID(UInt64(try number(arguments, 1)))
      cluster.call(node) { $0.submit(.read(id)) }
    case "transfer":
      let target = try arguments.count > 1 ? NodeID(UInt32(number(arguments, 1))) : nil
      cluster.call(node) { $0.submit(.transfer(to: target)) }
    case "add", "replace", "promote", "remove":
      let change = try change(verb, arguments.dropFirst().map { $0 })
      cluster.call(node) { $0.submit(.reconfigure(change)) }
    case "room": cluster.call(node) { $0.journalHasRoom(text == "yes") }
    case "hold-sync": cluster.nodes[node - 1].isSyncHeld = true
    case "sync": cluster.sync(node, limit: try arguments.count > 1 ? number(arguments, 1) : .max)
    case "release-sync":
      cluster.nodes[node - 1].isSyncHeld = false
      cluster.sync(node)
    case "crash": cluster.crash(node)
    case "damage":
      let (first, last) = try (number(arguments, 1), number(arguments, 2))
      cluster.damage(node, entries: first...last)
    case "restart": cluster.start(node)
    default: throw Failure(description: "no such command")
    }
  }

  /// `add 1 4`: node 1 is asked for a learner 4 that promotes itself, `add 1 4 held` for one that
  /// does not; `replace 1 3 4`: 4 is to take 3's place; `promote 1 4`, `remove 1 3`.
  private func change(_ verb: String, _ arguments: [String]) throws -> MembershipChange {
    let subject = NodeID(UInt32(try number(arguments, 0)))
    switch verb {
    case "promote": return .promote(subject)
    case "remove": return .remove(subject)
    case "replace":
      return .add(.fixture(try number(arguments, 1), replaces: Int(subject.rawValue)))
    default:
      return .add(.fixture(Int(subject.rawValue), promotesItself: arguments.last != "held"))
    }
  }

  /// `log 2 1 1 4`: node 2 starts with entries of these terms behind the configuration.
  private func preload(_ arguments: [String]) throws {
    let node = try number(arguments, 0)
    let terms = try (1..<arguments.count).map { UInt64(try number(arguments, $0)) }
    cluster.crash(node)
    var records = RaftCore.initialRecords(for: .fixture(of: cluster.count))
    records.append(.hardState(term: Term(terms.last ?? 0), votedFor: nil))
    for (place, term) in terms.enumerated() {
      records.append(.entry(LogIndex(UInt64(place + 2)), .fixture(term: term, "e\(term)")))
    }
    cluster.nodes[node - 1].durable = records
    cluster.start(node)
  }

  /// `1->2` is one link, `1-2` both directions, `1` all links of a node, nothing means all.
  private func executeOnLinks(_ verb: String, _ arguments: [String]) throws {
    for link in try arguments.isEmpty ? cluster.links : arguments.flatMap(links) {
      switch verb {
      case "deliver": cluster.deliver(link, isTraced: true)
      case "drop": cluster.queues[link] = nil
      case "cut":
        cluster.cuts.insert(link)
        cluster.queues[link] = nil
      default: cluster.cuts.remove(link)
      }
    }
  }

  private func links(_ text: String) throws -> [TestCluster.Link] {
    let isOneWay = text.contains("->")
    let ends = text.split(separator: isOneWay ? "->" : "-").compactMap { Int($0) }
    if ends.count == 1 {
      return cluster.links.filter { $0.from == ends[0] || $0.to == ends[0] }
    }
    guard ends.count == 2 else { throw Failure(description: "a link is 1->2 or 1-2") }
    let there = TestCluster.Link(from: ends[0], to: ends[1])
    return isOneWay ? [there] : [there, TestCluster.Link(from: ends[1], to: ends[0])]
  }

  /// `expect 1 role=leader term=2 log=0,1,1 commit=3 applied=config,noop,x`.
  private func expect(_ arguments: [String]) throws {
    let node = try number(arguments, 0)
    guard let core = cluster.core(node) else { throw Failure(description: "not running") }
    for pair in arguments.dropFirst() {
      let parts = pair.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      let found = try value(of: parts[0], in: core, node)
      guard found == parts[1] else {
        throw Failure(description: "\(parts[0]) is \(found), not \(parts[1])")
      }
    }
  }

  private func value(of key: String, in core: RaftCore, _ node: Int) throws -> String {
    switch key {
    case "role": core.status.role.rawValue
    case "term": "\(core.currentTerm)"
    case "leader": core.status.leader.map { "\($0.rawValue)" } ?? "-"
    case "vote": core.votedFor.map { "\($0.id.rawValue)" } ?? "-"
    case "commit": "\(core.commitIndex)"
    case "last": "\(core.lastIndex)"
    case "missing": core.status.repair.map { "\($0.firstMissing)" } ?? "-"
    case "durable": "\(core.durableIndex)"
    case "members": core.configuration.text.replacing(" ", with: ",")
    case "log": core.terms.map { "\($0)" }.joined(separator: ",")
    case "applied": cluster.nodes[node - 1].applied.joined(separator: ",")
    default: throw Failure(description: "nothing is called \(key)")
    }
  }

  private func number(_ arguments: [String], _ place: Int) throws -> Int {
    guard place < arguments.count, let number = Int(arguments[place]) else {
      throw Failure(description: "a number is missing")
    }
    return number
  }
}
