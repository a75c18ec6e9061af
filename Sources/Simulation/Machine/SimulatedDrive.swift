package import Consensus
package import Storage

/// A simulated disk for the simulators of other rooms.
///
/// What was not synced is lost with the power in any part, in any order, sector by sector.
package struct SimulatedDrive: Sendable {
  private let simulated: SimulatedDisk

  /// An empty one.
  package init(random: RandomSource) {
    simulated = SimulatedDisk(random: random)
  }

  /// What a process uses.
  package var disk: any Disk { simulated }

  /// The process is gone; what it wrote stays in the cache, its lock is free.
  package func processDied() { simulated.processDied() }

  /// The power is gone, and back.
  ///
  /// - Returns: Whether anything written was lost.
  package func losePower() -> Bool { simulated.loseUnsynced() }

  /// Lets the next sync fail, and what it was to write be lost.
  package func failNextSync() { simulated.failNextSync() }

  /// Lets the next write fail in its middle.
  package func failNextWrite() { simulated.failNextWrite() }

  /// Whether the call that failed last did so because it was to.
  package func takeFailure() -> Bool { simulated.takeFailure() != nil }

  /// The disk is good again; what it has lost stays lost.
  package func heal() { simulated.heal() }

  /// All files as they are on the platter.
  package var contents: [(name: String, bytes: [UInt8])] { simulated.durableContents }

  /// Other files take the place of all that are there, while no process runs.
  package func replace(with contents: [(name: String, bytes: [UInt8])]) {
    simulated.replaceFiles(with: contents)
  }
}
