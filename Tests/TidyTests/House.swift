/// The rooms, their floors and their doors, as data: `docs/architecture.md` in a form that fails.
///
/// A new door is a decision: change this table, Package.swift and the document together.
enum House {
  struct Room: Sendable {
    let name: String
    let floor: Int
    /// The rooms it imports.
    let doors: [String]
    /// The modules of the system it may import, besides the standard library.
    var system: [String] = []
    var isPure: Bool { system.isEmpty && floor > 0 }
  }

  static let rooms = [
    Room(name: "CSystem", floor: 0, doors: []),
    Room(name: "COpenSSL", floor: 0, doors: []),
    Room(name: "Wire", floor: 1, doors: ["CSystem"]),
    Room(name: "BSON", floor: 1, doors: []),
    Room(name: "Transport", floor: 1, doors: ["CSystem"], system: ["Glibc"] + threads),
    Room(name: "Consensus", floor: 2, doors: ["Wire"]),
    Room(name: "ClientProtocol", floor: 2, doors: ["Wire", "BSON"]),
    Room(name: "Storage", floor: 2, doors: ["Wire"], system: ["Glibc"]),
    Room(name: "Linearizability", floor: 2, doors: ["BSON"]),
    Room(name: "Raft", floor: 3, doors: ["Consensus", "Wire"]),
    Room(name: "PBFT", floor: 3, doors: ["Consensus", "Wire"]),
    Room(name: "StateTree", floor: 3, doors: ["Consensus", "Wire"]),
    Room(name: "Documents", floor: 3, doors: ["Consensus", "ClientProtocol", "BSON", "Wire"]),
    Room(name: "Replication", floor: 3, doors: ["Consensus", "Storage", "Wire"]),
    Room(
      name: "Crypto",
      floor: 3,
      doors: ["COpenSSL", "Consensus", "Transport"],
      system: ["Glibc"] + threads
    ),
    Room(name: "SymbolicCrypto", floor: 3, doors: ["Consensus"]),
    Room(
      name: "Genesis",
      floor: 3,
      doors: ["Transport", "Consensus", "BSON"],
      system: ["Glibc"]
    ),
    Room(
      name: "Server",
      floor: 4,
      doors: [
        "Replication", "Raft", "PBFT", "StateTree", "Documents", "Crypto", "Genesis", "Transport",
        "ClientProtocol", "Consensus", "Storage", "Wire", "BSON",
      ],
      system: outside
    ),
    Room(
      name: "LockstepClient",
      floor: 4,
      doors: ["ClientProtocol", "Consensus", "Transport", "BSON", "Wire"],
      system: outside
    ),
    Room(
      name: "Simulation",
      floor: 4,
      doors: [
        "Replication", "Raft", "Documents", "Storage", "ClientProtocol", "Linearizability",
        "Consensus", "Wire", "BSON",
      ]
    ),
    Room(name: "Exploration", floor: 4, doors: ["Raft", "Consensus", "Wire"]),
    Room(
      name: "Accountability",
      floor: 4,
      doors: ["PBFT", "Replication", "Documents", "StateTree", "Storage", "Consensus", "Wire"]
    ),
    Room(
      name: "ByzantineSchedules",
      floor: 4,
      doors: ["PBFT", "SymbolicCrypto", "Consensus", "Wire"]
    ),
    Room(
      name: "ByzantineSimulation",
      floor: 5,
      doors: [
        "Simulation", "Replication", "PBFT", "SymbolicCrypto", "Documents", "Storage",
        "ClientProtocol", "Linearizability", "Consensus", "Wire", "BSON",
      ]
    ),
    Room(
      name: "LockstepByzantineClient",
      floor: 5,
      doors: [
        "LockstepClient", "Genesis", "Crypto", "PBFT", "ClientProtocol", "Consensus", "Transport",
        "Wire",
      ],
      system: outside
    ),
    Room(name: "Liars", floor: 5, doors: ["Server", "Replication", "PBFT", "Consensus"]),
    Room(
      name: "JepsenHarness",
      floor: 6,
      doors: [
        "LockstepClient", "LockstepByzantineClient", "Linearizability", "ClientProtocol",
        "Consensus", "Transport", "Wire",
        "CSystem",
      ],
      system: outside
    ),
    Room(
      name: "LockstepCommand",
      floor: 7,
      doors: [
        "Server", "LockstepClient", "LockstepByzantineClient", "Simulation", "ByzantineSimulation",
        "ByzantineSchedules", "Exploration", "JepsenHarness", "ClientProtocol", "Transport",
        "Crypto", "Genesis", "Raft", "Storage",
        "Linearizability", "Consensus", "Wire", "BSON",
        "Accountability", "PBFT",
      ],
      system: outside
    ),
    Room(
      name: "LockstepJepsen",
      floor: 7,
      doors: ["JepsenHarness", "ClientProtocol", "Linearizability"],
      system: outside
    ),
    Room(
      name: "LockstepLiar",
      floor: 7,
      doors: [
        "Liars", "Server", "Genesis", "Crypto", "PBFT", "Storage", "Transport", "Consensus",
        "ClientProtocol",
      ],
      system: outside
    ),
  ]

  private static let threads = ["Dispatch", "Synchronization"]

  /// What the rooms at the edge may use, never `Foundation`: it would quadruple the binary.
  private static let outside = ["Glibc", "FoundationEssentials"] + threads

  static func room(_ name: String) -> Room? {
    rooms.first { $0.name == name }
  }

  /// Rooms in which locks, tasks and other threads are allowed.
  static func mayUseThreads(_ room: String) -> Bool {
    House.room(room)?.system.contains("Dispatch") ?? false
  }

  /// Rooms whose declarations people outside this package see.
  static let publicRooms = ["LockstepClient", "LockstepByzantineClient", "Linearizability"]

  /// Where `unsafe` may stand: a whole room, or the start of a file's path.
  static let unsafePlaces = [
    "Sources/Wire/", "Sources/Storage/PosixDisk", "Sources/Transport/", "Sources/Crypto/",
    "Sources/Genesis/GenesisFile", "Sources/Server/Disk/JournalThread", "Sources/Server/EventLog",
    "Sources/LockstepCommand/", "Sources/LockstepLiar/", "Jepsen-style/",
  ]
}
