/// What the directories of nodes prove, asked of the program that ships.
extension ProcessCluster {
  /// What nodes that are down keep against anybody, and what an audit of some of them finds.
  ///
  /// What cannot be asked is a problem of its own: what clients saw is judged all the same.
  func accusations(of nodes: [Int], auditing audited: [Int]) async -> Accusations {
    var accusations = Accusations()
    for node in nodes {
      do throws(HarnessError) {
        accusations.proofs += try await proofs(keptBy: node)
      } catch {
        accusations.failures.append(error.description)
      }
    }
    guard !audited.isEmpty else { return accusations }
    do throws(HarnessError) {
      let words = ["audit"] + audited.map(dataFolder) + ["--genesis", genesisFile]
      let (end, files) = try await run(words, "audit")
      accusations.audit = end
      accusations.auditFaults = Folder.text(of: files.errors).split(separator: "\n")
        .filter { $0.hasPrefix("fault: ") }.map { String($0.dropFirst("fault: ".count)) }
    } catch {
      accusations.failures.append(error.description)
    }
    return accusations
  }

  private func proofs(keptBy node: Int) async throws(HarnessError) -> [Accusations.Proof] {
    let words = ["evidence", "ls", dataFolder(of: node), "-o", "ndjson", "--genesis", genesisFile]
    let (end, files) = try await run(words, "evidence-n\(node)")
    let rows = Folder.text(of: files.output).split(separator: "\n")
    let proofs = rows.map { Accusations.Proof(String($0), keptBy: node) }
    // Of a file that cannot be read there is a row, too.
    guard end == .exited(0) || proofs.contains(where: { $0.verdict == "unreadable" }) else {
      throw failure(words, end, files.errors)
    }
    return proofs
  }

  private typealias Files = (output: String, errors: String)

  private func run(
    _ words: [String],
    _ name: String
  ) async throws(HarnessError) -> (ChildProcess.End, Files) {
    let files = ("\(plan.folder)/\(name).out", "\(plan.folder)/\(name).err")
    let child = try ChildProcess(
      plan.binary,
      words,
      output: .emptiedFile(files.0),
      errors: .emptiedFile(files.1),
      settings: .none
    )
    while child.endIfAny() == nil { await Nemesis.sleepInFull(milliseconds: 5) }
    return (child.waitForEnd(), files)
  }

  private func failure(
    _ words: [String],
    _ end: ChildProcess.End,
    _ log: String
  ) -> HarnessError {
    let status: Int32 = if case .exited(let status) = end { status } else { -1 }
    let command = words.joined(separator: " ")
    return .failed(command: command, status: status, words: Folder.lastError(in: log), log: log)
  }
}
