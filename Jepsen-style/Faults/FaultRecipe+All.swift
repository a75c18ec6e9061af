extension FaultRecipe {
  /// Every recipe.
  package static let all = combinations + convictions

  /// The combinations; the comments name the systems in which they found something.
  private static let combinations: [FaultRecipe] = [
    FaultRecipe(
      name: "partition-kill-pause-membership",
      summary: "partitions, kills, pauses and changes of members at once (RedisRaft)",
      shape: .mixed([
        .partitionHalves, .partitionLeader, .partitionBridge, .partitionRandom, .kill, .killLeader,
        .pause, .pauseLeader, .memberRemove, .memberReplace,
      ])
    ),
    FaultRecipe(
      name: "isolated-leader-membership",
      summary: "members change while the leader is alone, then it meets the others (RethinkDB)",
      shape: .rounds(
        [
          Step(at: 1_000, lasts: 4_000, kind: .partitionLeader),
          Step(at: 1_200, lasts: 6_000, kind: .memberRemove),
        ],
        length: 12_000
      )
    ),
    FaultRecipe(
      name: "paused-leader",
      summary: "the leader stops amid reads, another is elected and writes, it goes on (etcd)",
      shape: .rounds([Step(at: 1_500, lasts: 1_200, kind: .pauseLeader)], length: 4_500)
    ),
    FaultRecipe(
      name: "crash-under-load",
      summary: "kills of one, a majority and all, at a high rate of writes (etcd 3.5)",
      shape: .rounds(
        [
          Step(at: 1_500, lasts: 800, kind: .kill),
          Step(at: 4_000, lasts: 800, kind: .killMajority),
          Step(at: 7_000, lasts: 800, kind: .powerLoss),
          Step(at: 10_000, lasts: 800, kind: .killLeader),
        ],
        length: 13_000
      ),
      rate: 500
    ),
    FaultRecipe(
      name: "lagging-follower",
      summary: "a node is cut off until it needs a snapshot; it and the sender are killed (etcd)",
      shape: .rounds(
        [
          Step(at: 500, lasts: 9_000, kind: .partitionHalves),
          Step(at: 9_600, lasts: 400, kind: .kill),
          Step(at: 10_200, lasts: 400, kind: .pauseLeader),
          Step(at: 10_700, lasts: 400, kind: .killLeader),
        ],
        length: 14_000
      ),
      snapshotAfter: "64KiB",
      goals: [.snapshot, .install]
    ),
    FaultRecipe(
      name: "crash-amid-snapshots",
      summary: "kills and power cuts while nodes write snapshots and trim their logs (etcd)",
      shape: .mixed([.kill, .killLeader, .powerLoss, .restartStorm, .pause]),
      snapshotAfter: "64KiB",
      goals: [.snapshot]
    ),
    FaultRecipe(
      name: "crash-and-pause",
      summary: "all lose power while the files of one change, and another is stopped (NATS)",
      shape: .rounds(
        [
          Step(at: 1_000, lasts: 4_000, kind: .fileTruncate),
          Step(at: 4_000, lasts: 600, kind: .powerLoss),
          Step(at: 5_500, lasts: 1_500, kind: .pause, place: 1),
        ],
        length: 10_000
      )
    ),
    FaultRecipe(
      name: "corrupt-then-lead",
      summary: "one node's files are damaged, then it is to lead (NATS, protocol-aware recovery)",
      shape: .rounds(
        [
          Step(at: 1_000, lasts: 3_000, kind: .fileCorrupt),
          Step(at: 6_000, lasts: 500, kind: .transferLeader),
        ],
        length: 9_000
      ),
      goals: [.struckNodeLeads]
    ),
    FaultRecipe(
      name: "swizzle-restarts",
      summary: "nodes are cut off and come back one by one, with restarts amid (FoundationDB)",
      shape: .rounds(
        [
          Step(at: 500, lasts: 6_000, kind: .partitionSwizzle),
          Step(at: 1_500, lasts: 400, kind: .kill),
          Step(at: 3_000, lasts: 400, kind: .kill, place: 1),
          Step(at: 4_500, lasts: 400, kind: .kill, place: 2),
        ],
        length: 9_000
      )
    ),
    FaultRecipe(
      name: "long-partition-new-leader",
      summary: "a long partition, logs are trimmed meanwhile, and leadership moves once it is over",
      shape: .rounds(
        [
          Step(at: 500, lasts: 10_000, kind: .partitionHalves),
          Step(at: 10_550, lasts: 300, kind: .transferLeader),
          Step(at: 11_200, lasts: 300, kind: .transferLeader, place: 1),
        ],
        length: 15_000
      ),
      snapshotAfter: "256KiB",
      rate: 500,
      goals: [.snapshot, .install]
    ),
    FaultRecipe(
      name: "full-disk-rolling-restart",
      summary: "nodes are restarted, or upgraded in a mix of builds, while one's disk is full",
      shape: .rounds(
        [
          Step(at: 1_000, lasts: 8_000, kind: .diskFull),
          Step(at: 2_500, lasts: 6_000, kind: .rollingRestart),
        ],
        length: 13_000
      )
    ),
    FaultRecipe(
      name: "partial-topologies",
      summary: "graphs in which not everybody hears everybody; five nodes (Howard, Cloudflare)",
      shape: .mixed([
        .partitionBridge, .partitionMajorityRing, .partitionOneWay, .partitionRandom,
      ])
    ),
    FaultRecipe(
      name: "leader-churn",
      summary: "leaders change every second or two while clients retry (jetcd)",
      shape: .rounds(
        [
          Step(at: 300, lasts: 200, kind: .transferLeader),
          Step(at: 1_600, lasts: 400, kind: .killLeader),
          Step(at: 3_200, lasts: 200, kind: .transferLeader, place: 1),
          Step(at: 4_300, lasts: 600, kind: .pauseLeader),
          Step(at: 500, lasts: 4_500, kind: .linkDuplicate),
        ],
        length: 6_000
      )
    ),
    FaultRecipe(
      name: "slow-member-leaders-pause",
      summary: "leaders stop one by one while a member's links are slow; a liar gets its turn",
      shape: .rounds(
        [
          Step(at: 300, lasts: 9_000, kind: .linkDelay),
          Step(at: 1_500, lasts: 1_300, kind: .pauseLeader),
          Step(at: 4_000, lasts: 1_300, kind: .pauseLeader),
          Step(at: 6_500, lasts: 1_300, kind: .pauseLeader),
        ],
        length: 10_500
      )
    ),
    FaultRecipe(
      name: "bad-network",
      summary: "loss, delay, duplicates, flipped bits, broken connections and old frames",
      shape: .mixed([
        .linkDelay, .linkLoss, .linkDuplicate, .linkCorrupt, .linkTruncate, .linkReplay,
        .linkSlowReader, .partitionFlapping,
      ])
    ),
    FaultRecipe(
      name: "bad-disks",
      summary: "slow, hung and full disks; files corrupt, short, gone or old; kills",
      shape: .mixed([
        .diskSlow, .diskHung, .diskFull, .fileCorrupt, .fileTruncate, .diskWipe, .diskRollback,
        .kill,
      ])
    ),
    FaultRecipe(
      name: "wrong-clocks",
      summary: "clocks jump, and go faster or slower, while leaders are killed, cut off and change",
      shape: .mixed([
        .clockJump, .clockRate, .killLeader, .partitionLeader, .transferLeader, .pause,
      ])
    ),
  ]
}
