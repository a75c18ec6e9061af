import Consensus

/// How many bytes of clients' writes the journal can still take without its spare segment.
///
/// The journal reports its room with each sync; what was handed over since is subtracted here,
/// so that a write is refused before it is proposed, not when it no longer fits.
struct RoomEstimate: Sendable {
  private let reserveBytes: Int
  private var reportedBytes: Int
  /// What was handed to the journal and is not known to be durable.
  private(set) var inFlightBytes = 0
  private var isDiskFull = true
  private var marks: [(position: UInt64, bytes: Int)] = []

  init(roomBytes: Int, reserveBytes: Int) {
    reportedBytes = roomBytes
    self.reserveBytes = reserveBytes
  }

  /// Whether a client's write may be proposed.
  var hasRoom: Bool { reportedBytes - inFlightBytes > reserveBytes }

  /// Whether the room that is missing will not come by itself.
  var isFull: Bool { isDiskFull && !hasRoom }

  /// Records of so many bytes go to the journal, the last of them to this position.
  mutating func use(_ bytes: Int, through position: UInt64) {
    inFlightBytes += bytes
    marks.append((position, bytes))
  }

  /// The journal's own word, true as of everything up to `position`.
  mutating func report(_ bytes: Int, isDiskFull: Bool, through position: UInt64) {
    reportedBytes = bytes
    self.isDiskFull = isDiskFull
    let settled = marks.prefix { $0.position <= position }
    inFlightBytes -= settled.reduce(0) { $0 + $1.bytes }
    marks.removeFirst(settled.count)
    invariant(inFlightBytes >= 0, "no more is settled than was handed over")
  }
}
