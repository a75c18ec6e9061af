import Consensus
import Raft

/// The three members of every small world and what they are given.
enum SmallCluster {
  static let size = 3
  static let quorum = 2

  static let members = (1...size).map { number in
    Member(id: NodeID(UInt32(number)), incarnation: Incarnation(UInt64(number)))
  }

  static let start = Reading(monotonicMicroseconds: 1_000_000_000, wallMilliseconds: 0)

  /// Clocks move in steps of one election timeout, which is also the heartbeat's interval and
  /// the patience before resending: between two steps no timer runs out, at a step all do.
  ///
  /// A late turn would only put timers off, which not moving the clock does as well; a hung disk
  /// is one that never syncs here, without the handing over that follows.
  static let options = {
    var options = RaftOptions()
    options.admission = .trusting
    options.electionTimeoutMinMicroseconds = step
    options.electionTimeoutMaxMicroseconds = step
    options.heartbeatMicroseconds = step
    options.resendMicroseconds = step
    options.lateTurnMicroseconds = .max / 4
    options.diskBudgetMicroseconds = .max / 4
    options.diskLagMicroseconds = .max / 4
    return options
  }()

  static let step: UInt64 = 150_000

  static let records = RaftCore.initialRecords(
    for: ClusterConfiguration(
      seats: members.map { Seat(member: $0, clientAddress: "client:1", peerAddress: "peer:1") }
    )
  )

  /// The place of a member, from 0.
  static func place(_ member: Member) -> Int { Int(member.id.rawValue) - 1 }

  /// The core of a node that starts from its journal.
  static func core(at place: Int, recovering records: [RaftRecord], now: Reading) -> RaftCore {
    RaftCore(
      identity: Identity(
        cluster: ClusterID(high: 0, low: 1),
        member: members[place],
        boot: 1
      ),
      options: options,
      recovering: Past(
        records.enumerated().map { position, record in
          Recovered(position: UInt64(position + 1), record: record)
        }
      ),
      seed: 1,
      now: now
    )
  }

  private typealias Seat = ClusterConfiguration.Seat
}
