import Consensus
import Raft

// The strict rule, in every eighth seed in which no members change: a node that starts needs the
// word of all other voters, or comes back as another member (D16, docs/decisions/0029).
extension SimulatedCluster {
  private static let readmissionSalt: UInt64 = 0x7265_6164_6D69_7421

  /// With less patience than what ships.
  static func drawReadmission(_ seed: UInt64, _ options: inout RaftOptions) {
    var chance = RandomSource(seed: seed ^ readmissionSalt)
    guard chance.oneIn(8) else { return }
    options.admission = .strict
    options.strictPatienceMicroseconds = [500_000, 2_000_000, 8_000_000][chance.number(below: 3)]
  }

  /// An operator starts those that still wait without strictness: where many wait for the word of
  /// one that never comes, nobody else can help.
  func endStrictness() {
    guard isStrictByChance else { return }
    setup.raft.admission = RaftOptions().admission
    for node in nodes.indices where nodes[node].process?.lastStatus?.admission != .admitted {
      crash(node, by: .kill, losesPower: false)
    }
  }
}
