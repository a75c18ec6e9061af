/// Programs of the system that faults are made with.
@MainActor
enum Tool {
  nonisolated private static let folders = [
    "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin",
  ]

  /// Where a program is.
  ///
  /// - Throws: `HarnessError.cannotInflict`, naming the Debian package to install.
  static func path(
    _ name: String,
    package: String,
    for kind: FaultKind
  ) throws(HarnessError) -> String {
    if let path = find(name) { return path }
    throw .cannotInflict(kind, reason: "\(name) is missing; apt-get install \(package)")
  }

  /// Where a program is; nil if this machine has none.
  nonisolated static func find(_ name: String) -> String? {
    folders.map { $0 + "/" + name }.first(where: Folder.exists)
  }

  /// Runs a program to its end without holding up anybody else.
  ///
  /// - Throws: `HarnessError.failed` with its last error, if its status is not 0.
  static func run(_ path: String, _ words: [String], log: String) async throws(HarnessError) {
    let stream = ChildProcess.Stream.file(log)
    let child = try ChildProcess(path, words, output: stream, errors: stream, settings: .none)
    while child.endIfAny() == nil { await Nemesis.sleepInFull(milliseconds: 5) }
    let end = child.waitForEnd()
    guard end != .exited(0) else { return }
    let status: Int32 = if case .exited(let status) = end { status } else { -1 }
    let command = ([path] + words).joined(separator: " ")
    throw .failed(command: command, status: status, words: Folder.lastError(in: log), log: log)
  }
}
