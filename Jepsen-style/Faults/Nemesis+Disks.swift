import Glibc

/// Disks that are slow, hang, or have no room.
extension Nemesis {
  private static let hungMicroseconds = 3_600_000_000
  private static let attachTries = 400
  private static let endTries = 200
  private static let roomMiB = 640
  private static let fillerName = "filler"
  /// The log's event, and the code of errors for want of room.
  private static let complaintWords = ["journal.disk.full", "disk_full"]

  /// Lets each sync of a node take longer; strace holds up the thread of its journal and no other.
  ///
  /// Nil for `milliseconds` means that it never ends.
  func slowDisk(_ order: FaultOrder, milliseconds: Int?) async throws(HarnessError) -> Wound {
    let strace = try Tool.path("strace", package: "strace", for: order.kind)
    let node = order.targets[0]
    guard let thread = journalThread(of: node) else {
      return .none("n\(node) was down")
    }
    let calls = cluster.plan.folder + "/strace-\(order.at)"
    let delay = milliseconds.map { $0 * 1_000 } ?? Self.hungMicroseconds
    let words = [
      "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:delay_enter=\(delay)",
      "-o", calls, "-p", thread,
    ]
    let log = cluster.plan.folder + "/strace.log"
    Folder.remove(log)
    let tracer = try ChildProcess(strace, words, output: .file(log), errors: .file(log))
    try await waitUntilAttached(tracer, log, order.kind)
    return Wound(
      targets: [node],
      words: milliseconds.map { "each sync \($0) ms longer" } ?? "no sync returns",
      feltCount: { Self.syncs(in: calls) },
      heal: { [self] () throws(HarnessError) in
        await end(tracer)
        // A node whose disk hangs may give up, which is right.
        if downs[node] == nil, cluster.state(of: node) == .down { try cluster.start(node) }
      }
    )
  }

  /// Leaves no byte free on a node's disk.
  ///
  /// The node has room of its own for a while, so that only its log tells whether it wanted more.
  func fillDisk(_ order: FaultOrder) throws(HarnessError) -> Wound {
    let node = order.targets[0]
    guard mounts.contains(cluster.dataFolder(of: node)) else {
      throw .cannotInflict(order.kind, reason: "n\(node) has no small disk of its own")
    }
    let folder = cluster.dataFolder(of: node)
    let log = cluster.log(of: node)
    let before = Self.complaints(in: log)
    let size = Folder.fill(folder + "/" + Self.fillerName)
    return Wound(
      targets: [node],
      words: "\(size >> 20) MiB taken, none left",
      feltCount: { Self.complaints(in: log) - before },
      heal: { [self] () throws(HarnessError) in
        Self.removeFillers(in: folder)
        if downs[node] == nil, cluster.state(of: node) == .down { try cluster.start(node) }
      }
    )
  }

  /// A node that comes back meanwhile has set aside what lay in its folder, under other names.
  static func removeFillers(in folder: String) {
    for name in Folder.names(in: folder) where name.hasSuffix(fillerName) {
      Folder.remove(folder + "/" + name)
    }
  }

  /// The syncs that strace has seen; it writes down other things, too.
  private static func syncs(in calls: String) -> Int {
    Folder.text(of: calls).split(separator: "\n").count { $0.contains("sync(") }
  }

  /// How often a node has said in its log that its disk has no room.
  static func complaints(in log: String) -> Int {
    Folder.text(of: log).split(separator: "\n").count { line in
      complaintWords.contains { line.contains($0) }
    }
  }

  /// Gives each node a small disk: a tmpfs, which needs root.
  func mountSmallDisks() async throws(HarnessError) {
    let mount = try Tool.path("mount", package: "mount", for: .diskFull)
    let cp = try Tool.path("cp", package: "coreutils", for: .diskFull)
    guard geteuid() == 0 else {
      throw .cannotInflict(.diskFull, reason: "a small disk is mounted, which needs root")
    }
    for node in 1...cluster.plan.nodesCount {
      let folder = cluster.dataFolder(of: node)
      let aside = folder + ".aside"
      let size = "size=\(Self.roomMiB)m,mode=0755"
      try await Tool.run(cp, ["-a", folder, aside], log: toolLog)
      try await Tool.run(mount, ["-t", "tmpfs", "-o", size, "lockstep", folder], log: toolLog)
      mounts.append(folder)
      try await Tool.run(cp, ["-a", aside + "/.", folder], log: toolLog)
      Folder.remove(aside)
    }
  }

  /// Takes the small disks away and puts what they hold in their place; the nodes must be down.
  func unmountSmallDisks() {
    for folder in mounts {
      let kept = folder + ".kept"
      let isKept = copy(folder, to: kept)
      // The kernel reads the path up to its end.
      _ = unsafe umount2(folder, Int32(MNT_DETACH))
      guard isKept else { continue }
      Folder.remove(folder)
      _ = unsafe rename(kept, folder)
    }
    mounts = []
  }

  private func copy(_ folder: String, to other: String) -> Bool {
    do throws(HarnessError) {
      let cp = try Tool.path("cp", package: "coreutils", for: .diskFull)
      let log = ChildProcess.Stream.file(toolLog)
      let child = try ChildProcess(cp, ["-a", folder, other], output: log, errors: log)
      return child.waitForEnd() == .exited(0)
    } catch {
      return false
    }
  }

  /// Ends strace, which does not always let go by itself where its thread is about to end.
  private func end(_ tracer: ChildProcess) async {
    tracer.signal(SIGTERM)
    for _ in 0..<Self.endTries where tracer.endIfAny() == nil {
      await Self.sleepInFull(milliseconds: 5)
    }
    if tracer.endIfAny() == nil { tracer.signal(SIGKILL) }
    while tracer.endIfAny() == nil { await Self.sleepInFull(milliseconds: 5) }
  }

  private func waitUntilAttached(
    _ tracer: ChildProcess,
    _ log: String,
    _ kind: FaultKind
  ) async throws(HarnessError) {
    for _ in 0..<Self.attachTries {
      if Folder.lines(in: log) > 0 {
        await Self.sleepInFull(milliseconds: 5)
        if tracer.endIfAny() == nil { return }
        break
      }
      await Self.sleepInFull(milliseconds: 5)
    }
    tracer.signal(SIGKILL)
    _ = tracer.waitForEnd()
    throw .cannotInflict(
      kind,
      reason: "strace cannot attach, which needs root or ptrace_scope 0; see \(log)"
    )
  }

  private func journalThread(of node: Int) -> String? {
    guard let process = cluster.processID(of: node) else { return nil }
    let tasks = "/proc/\(process)/task"
    return Folder.names(in: tasks).first {
      Folder.firstLine(of: "\(tasks)/\($0)/comm") == "journal"
    }
  }
}
