import Genesis
import JepsenHarness
import LockstepClient

/// The rows of a cluster's status, by their stable names.
enum ClusterTable {
  static let memberTitles = ["id", "seat", "role", "replaces", "address", "peer_address"]

  static func memberFields(of node: ClusterStatus.Node) -> [JSONValue.Field] {
    [
      JSONValue.Field("id", .integer(Int(node.id))),
      JSONValue.Field("seat", node.seat.map { .text($0) } ?? .null),
      JSONValue.Field("role", .text(node.figures?.role ?? "unreachable")),
      JSONValue.Field("replaces", number(node.replaces)),
      JSONValue.Field("address", .text(node.address)),
      JSONValue.Field("peer_address", .text(node.peerAddress)),
      JSONValue.Field(
        "incarnation",
        node.incarnation.map { .text(Genesis.hexadecimal($0)) } ?? .null
      ),
    ]
  }

  static let titles = [
    "id", "pid", "role", "seat", "state", "term", "commit", "applied", "address",
  ]

  /// What a table shows of a cluster whose nodes may lie.
  static let byzantineTitles = [
    "id", "pid", "role", "state", "view", "primary", "stable_block", "committed_block", "applied",
    "suspecting_ms", "address",
  ]

  private static func fields(of figures: ClusterStatus.Figures.Byzantine) -> [JSONValue.Field] {
    [
      JSONValue.Field("view", number(figures.view)),
      JSONValue.Field("primary", number(figures.primary)),
      JSONValue.Field("active", .truth(figures.isActive)),
      JSONValue.Field("stable_block", number(figures.lowWatermark)),
      JSONValue.Field("highest_block", number(figures.highWatermark)),
      JSONValue.Field("committed_block", number(figures.committedBlock)),
      JSONValue.Field("tip_block", number(figures.tipBlock)),
      JSONValue.Field("suspecting_ms", number(figures.suspecting.map { milliseconds($0) })),
      JSONValue.Field("fenced", .truth(figures.isFenced)),
      JSONValue.Field("awaits_state", .truth(figures.awaitsState)),
      JSONValue.Field("halted", figures.haltReason.map { .text($0) } ?? .null),
    ]
  }

  static func fields(of view: NodeView) -> [JSONValue.Field] {
    [
      JSONValue.Field("id", .integer(view.id)),
      JSONValue.Field("pid", number(view.pid)),
      JSONValue.Field("role", .text(view.role)),
      JSONValue.Field("seat", .text("voter")),
      JSONValue.Field("state", view.state.map { .text($0) } ?? .null),
      JSONValue.Field("term", number(view.term)),
      JSONValue.Field("commit", number(view.commit)),
      JSONValue.Field("applied", number(view.applied)),
      JSONValue.Field("address", .text(view.address)),
    ]
  }

  static func fields(of node: ClusterStatus.Node) -> [JSONValue.Field] {
    let figures = node.figures
    return [
      JSONValue.Field("id", .integer(Int(node.id))),
      JSONValue.Field("pid", number(figures?.pid)),
      JSONValue.Field("role", .text(figures?.role ?? "unreachable")),
      JSONValue.Field("seat", node.seat.map { .text($0) } ?? .null),
      JSONValue.Field("state", figures.map { .text($0.state) } ?? .null),
      JSONValue.Field("term", number(figures?.term)),
      JSONValue.Field("commit", number(figures?.commit)),
      JSONValue.Field("applied", number(figures?.applied)),
      JSONValue.Field("address", .text(node.address)),
      JSONValue.Field("peer_address", .text(node.peerAddress)),
      JSONValue.Field("last_index", number(figures?.lastIndex)),
      JSONValue.Field("first_index", number(figures?.firstIndex)),
      JSONValue.Field("snapshot_index", number(figures?.snapshotIndex)),
      JSONValue.Field("disk_bytes", number(figures?.diskBytes)),
      JSONValue.Field("uptime_ms", number(figures.map { milliseconds($0.uptime) })),
      JSONValue.Field("sessions", number(figures?.sessions)),
      JSONValue.Field("connections", number(figures?.connections)),
      JSONValue.Field("version", figures.map { .text($0.version) } ?? .null),
    ] + (figures?.byzantine.map { fields(of: $0) } ?? [])
  }

  private static func milliseconds(_ duration: Duration) -> Int64 {
    duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
  }

  /// What a node says of itself may be anything.
  private static func number(_ value: (some BinaryInteger)?) -> JSONValue {
    value.map { .integer(Int(clamping: $0)) } ?? .null
  }
}
