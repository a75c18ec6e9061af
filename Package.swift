// swift-tools-version: 6.2
import PackageDescription

/// `tools/check` turns warnings into errors; a user's build never does.
let strict = Context.environment["LOCKSTEP_WARNINGS_ARE_ERRORS"] != nil

let settings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  ] + (strict ? [.treatAllWarnings(as: .error)] : [])

/// Tests may drop strict memory safety; everything else holds for them too.
let testSettings: [SwiftSetting] =
  [.swiftLanguageMode(.v6)] + (strict ? [.treatAllWarnings(as: .error)] : [])

/// The rooms that only compute, which `tools/check` has optimized in its debug build.
///
/// Most of the tests' time is theirs, and it takes a tenth of what it took. Where bytes are read
/// unsafely (Wire, Storage) the standard library's checks of debug builds stay.
let computing: Set<String> =
  Context.environment["LOCKSTEP_COMPUTES_FAST"] == nil
  ? []
  : [
    "BSON", "Consensus", "ClientProtocol", "Linearizability", "Raft", "PBFT", "StateTree",
    "Documents", "Replication", "SymbolicCrypto", "Simulation", "Exploration",
    "ByzantineSchedules", "ByzantineSimulation",
  ]

/// A room of the house: a target and the doors (imports) it may use.
func room(_ name: String, opensOnto doors: [String] = [], path: String? = nil) -> Target {
  let fast: [SwiftSetting] = [
    .unsafeFlags(["-O", "-disable-batch-mode", "-whole-module-optimization", "-num-threads", "2"])
  ]
  return .target(
    name: name,
    dependencies: doors.map { .byName(name: $0) },
    path: path,
    swiftSettings: settings + (computing.contains(name) ? fast : [])
  )
}

func tests(of name: String, with doors: [String] = [], resources: [Resource] = []) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: ([name] + doors).map { .byName(name: $0) },
    resources: resources,
    swiftSettings: testSettings
  )
}

let package = Package(
  name: "Lockstep",
  products: [
    .library(name: "LockstepClient", targets: ["LockstepClient"]),
    .library(name: "LockstepByzantineClient", targets: ["LockstepByzantineClient"]),
    .library(name: "Linearizability", targets: ["Linearizability"]),
    .executable(name: "lockstep", targets: ["LockstepCommand"]),
    .executable(name: "lockstep-jepsen", targets: ["LockstepJepsen"]),
    .executable(name: "lockstep-liar", targets: ["LockstepLiar"]),
  ],
  targets: [
    // Beneath the house: what Swift cannot see by itself.
    .target(name: "CSystem"),
    .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),

    // Floor 1
    room("Wire", opensOnto: ["CSystem"]),
    room("BSON"),
    room("Transport", opensOnto: ["CSystem"]),

    // Floor 2
    room("Consensus", opensOnto: ["Wire"]),
    room("ClientProtocol", opensOnto: ["Wire", "BSON"]),
    room("Storage", opensOnto: ["Wire"]),
    room("Linearizability", opensOnto: ["BSON"]),

    // Floor 3
    room("Raft", opensOnto: ["Consensus", "Wire"]),
    room("PBFT", opensOnto: ["Consensus", "Wire"]),
    room("StateTree", opensOnto: ["Consensus", "Wire"]),
    room("Documents", opensOnto: ["Consensus", "ClientProtocol", "BSON", "Wire"]),
    room("Replication", opensOnto: ["Consensus", "Storage", "Wire"]),

    room("Crypto", opensOnto: ["COpenSSL", "Consensus", "Transport"]),
    room("SymbolicCrypto", opensOnto: ["Consensus"]),
    room("Genesis", opensOnto: ["Transport", "Consensus", "BSON"]),

    // Floor 4
    room(
      "Server",
      opensOnto: [
        "Replication", "Raft", "PBFT", "StateTree", "Documents", "Crypto", "Genesis", "Transport",
        "ClientProtocol", "Consensus", "Storage", "Wire", "BSON",
      ]
    ),
    room(
      "LockstepClient",
      opensOnto: ["ClientProtocol", "Consensus", "Transport", "BSON", "Wire"]
    ),
    room(
      "Simulation",
      opensOnto: [
        "Replication", "Raft", "Documents", "Storage", "ClientProtocol", "Linearizability",
        "Consensus", "Wire", "BSON",
      ]
    ),

    room("Exploration", opensOnto: ["Raft", "Consensus", "Wire"]),
    room("ByzantineSchedules", opensOnto: ["PBFT", "SymbolicCrypto", "Consensus", "Wire"]),
    room(
      "Accountability",
      opensOnto: [
        "PBFT", "Replication", "Documents", "StateTree", "Storage", "Consensus", "Wire",
      ]
    ),

    // Floor 5
    room(
      "LockstepByzantineClient",
      opensOnto: [
        "LockstepClient", "Genesis", "Crypto", "PBFT", "ClientProtocol", "Consensus", "Transport",
        "Wire",
      ]
    ),
    room(
      "ByzantineSimulation",
      opensOnto: [
        "Simulation", "Replication", "PBFT", "SymbolicCrypto", "Documents", "Storage",
        "ClientProtocol", "Linearizability", "Consensus", "Wire", "BSON",
      ]
    ),

    room("Liars", opensOnto: ["Server", "Replication", "PBFT", "Consensus"]),

    // Floor 6
    .target(
      name: "JepsenHarness",
      dependencies: [
        "LockstepClient", "LockstepByzantineClient", "Linearizability", "ClientProtocol",
        "Consensus", "Transport", "Wire",
        "CSystem",
      ],
      path: "Jepsen-style",
      exclude: ["Main", "README.md"],
      swiftSettings: settings
    ),

    // Floor 7
    .executableTarget(
      name: "LockstepCommand",
      dependencies: [
        "Server", "LockstepClient", "LockstepByzantineClient", "Simulation", "ByzantineSimulation",
        "ByzantineSchedules", "Exploration", "JepsenHarness", "ClientProtocol", "Transport",
        "Crypto", "Genesis", "Raft", "Storage",
        "Linearizability", "Consensus", "Wire", "BSON",
        "Accountability", "PBFT",
      ],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "LockstepJepsen",
      dependencies: ["JepsenHarness", "ClientProtocol", "Linearizability"],
      path: "Jepsen-style/Main",
      swiftSettings: settings
    ),

    .executableTarget(
      name: "LockstepLiar",
      dependencies: [
        "Liars", "Server", "Genesis", "Crypto", "PBFT", "Storage", "Transport", "Consensus",
        "ClientProtocol",
      ],
      swiftSettings: settings
    ),

    tests(of: "Wire"),
    tests(of: "BSON"),
    tests(of: "Transport"),
    tests(of: "Consensus", with: ["Wire"]),
    tests(of: "Crypto", with: ["COpenSSL", "Consensus", "Transport"]),
    tests(of: "Genesis", with: ["Crypto", "Consensus"]),
    tests(of: "SymbolicCrypto", with: ["Crypto", "Consensus"]),
    tests(of: "ClientProtocol", with: ["Wire", "BSON"], resources: [.copy("Golden")]),
    tests(of: "Storage", with: ["Wire"], resources: [.copy("Golden")]),
    tests(of: "Linearizability"),
    tests(of: "Raft", with: ["Consensus", "Wire"], resources: [.copy("Scenarios")]),
    tests(of: "PBFT", with: ["Consensus", "Wire"]),
    tests(of: "StateTree", with: ["SymbolicCrypto", "Consensus", "Wire"]),
    tests(of: "Documents", with: ["Consensus", "ClientProtocol", "BSON", "Wire"]),
    tests(
      of: "Replication",
      with: ["PBFT", "SymbolicCrypto", "Consensus", "Storage", "Wire"]
    ),
    tests(
      of: "Server",
      with: [
        "Replication", "Raft", "PBFT", "StateTree", "Documents", "Crypto", "Genesis", "Transport",
        "ClientProtocol", "Consensus", "Storage", "Wire", "BSON", "LockstepClient",
        "LockstepByzantineClient",
      ]
    ),
    tests(
      of: "LockstepClient",
      with: ["ClientProtocol", "SymbolicCrypto", "Consensus", "Transport", "BSON", "Wire"]
    ),
    tests(
      of: "LockstepByzantineClient",
      with: ["LockstepClient", "Genesis", "Crypto", "Consensus"]
    ),
    tests(
      of: "Simulation",
      with: [
        "Replication", "Raft", "Documents", "Storage", "ClientProtocol", "Linearizability",
        "Consensus", "Wire", "BSON",
      ]
    ),
    tests(of: "ByzantineSimulation"),
    tests(of: "Exploration", with: ["Raft", "Consensus", "Wire"]),
    tests(of: "ByzantineSchedules", with: ["PBFT", "SymbolicCrypto", "Consensus", "Wire"]),
    tests(
      of: "Accountability",
      with: [
        "Crypto", "PBFT", "Replication", "Documents", "StateTree", "Storage", "ClientProtocol",
        "Consensus", "Wire",
      ]
    ),
    tests(
      of: "Liars",
      with: ["Server", "Replication", "PBFT", "SymbolicCrypto", "Consensus", "Wire"]
    ),
    tests(
      of: "LockstepCommand",
      with: [
        "Crypto", "Genesis", "PBFT", "JepsenHarness", "LockstepClient", "Linearizability",
        "ClientProtocol", "Consensus", "Wire",
      ]
    ),
    tests(
      of: "JepsenHarness",
      with: [
        "LockstepClient", "Linearizability", "ClientProtocol", "Consensus", "Transport", "Wire",
      ]
    ),
    .testTarget(name: "TidyTests", swiftSettings: testSettings),
  ]
)

// Builds are slow: `LOCKSTEP_TESTS_OF=PBFT,Replication swift test` leaves out all other tests.
if let rooms = Context.environment["LOCKSTEP_TESTS_OF"]?.split(separator: ",") {
  package.targets.removeAll { target in
    target.type == .test && !rooms.contains { "\($0)Tests" == target.name }
  }
}
