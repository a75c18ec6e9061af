/// Clocks that are wrong, by libfaketime.
extension Nemesis {
  nonisolated private static let libraries = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
  ]

  /// So long after a change the library has looked at the file for certain, in milliseconds.
  nonisolated private static let noticedMilliseconds = 1_100

  /// A node's wall clock jumps while it runs, and jumps back.
  func jumpClock(_ order: FaultOrder) throws(HarnessError) -> Wound {
    let node = order.targets[0]
    guard cluster.startPrefix[node, default: []].contains(clockWord(of: node)) else {
      throw .cannotInflict(order.kind, reason: "n\(node) was not started for it")
    }
    let wasDown = cluster.state(of: node) == .down
    try Folder.write("\(order.amount < 0 ? "" : "+")\(order.amount)", to: clockFile(of: node))
    let wound = Wound(targets: [node], words: "\(order.amount) s off") { () throws(HarnessError) in
    }
    wound.heal = { [self, unowned wound] () throws(HarnessError) in
      if wasDown, cluster.state(of: node) == .down { wound.comeToNothing("n\(node) was down") }
      if order.lasts < Self.noticedMilliseconds { wound.comeToNothing("it was over too soon") }
      try Folder.write("+0", to: clockFile(of: node))
    }
    return wound
  }

  /// A node is started again with clocks that go faster or slower; both of them do.
  func bendClock(_ order: FaultOrder) throws(HarnessError) -> Wound {
    let node = order.targets[0]
    let library = try Self.clockLibrary(for: order.kind)
    let usual = cluster.startPrefix[node]
    let (whole, rest) = (order.amount / 100, order.amount % 100)
    let rate = "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    try hold(node)
    cluster.startPrefix[node] =
      (network?.prefix(of: node) ?? []) + [
        "/usr/bin/env", "LD_PRELOAD=\(library)", "FAKETIME=+0 x\(rate)",
      ]
    try release(node)
    let wasDown = cluster.state(of: node) == .down
    let wound = Wound(targets: [node], words: "clocks at \(order.amount) %") {
      () throws(HarnessError) in
    }
    wound.heal = { [self, unowned wound] () throws(HarnessError) in
      if wasDown, cluster.state(of: node) == .down { wound.comeToNothing("n\(node) was down") }
      try hold(node)
      cluster.startPrefix[node] = usual
      try release(node)
    }
    return wound
  }

  /// Lets every node look into a file to know how wrong its wall clock is.
  ///
  /// The monotonic clock stays right, as it does in life.
  func prepareClocks() throws(HarnessError) {
    let library = try Self.clockLibrary(for: .clockJump)
    for node in 1...cluster.plan.nodesCount {
      try Folder.write("+0", to: clockFile(of: node))
      cluster.startPrefix[node, default: []] += [
        "/usr/bin/env", "LD_PRELOAD=\(library)", clockWord(of: node), "FAKETIME_CACHE_DURATION=1",
        "DONT_FAKE_MONOTONIC=1",
      ]
    }
  }

  private func clockFile(of node: Int) -> String { cluster.plan.folder + "/clock-n\(node)" }

  private func clockWord(of node: Int) -> String {
    "FAKETIME_TIMESTAMP_FILE=" + clockFile(of: node)
  }

  /// Whether clocks can be wrong on this machine.
  nonisolated package static var canBendClocks: Bool { libraries.contains(where: Folder.exists) }

  /// The library that lies about time.
  static func clockLibrary(for kind: FaultKind) throws(HarnessError) -> String {
    if let library = libraries.first(where: Folder.exists) { return library }
    throw .cannotInflict(kind, reason: "libfaketime is missing; apt-get install libfaketime")
  }
}
