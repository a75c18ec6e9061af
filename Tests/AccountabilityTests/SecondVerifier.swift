import Consensus
import Foundation
import PBFT
import Wire

/// `tools/verify-evidence` as another process, and the genesis file that it reads.
struct SecondVerifier {
  /// What it printed and how it ended.
  struct Verdict {
    let status: Int32
    let fields: [String: String]
  }

  let folder: URL
  private static let tool = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("tools/verify-evidence")

  init(for notary: Notary) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // Only what the tool reads; members are not in the order of their ids.
    let members = notary.authority.replicas.enumerated().reversed().map { number, key in
      "{\"id\": \(number + 10), \"key\": \"\(key)\"}"
    }
    let clients = notary.authority.clients.map { "{\"name\": \"c\", \"key\": \"\($0)\"}" }
    let text = """
      {"cluster": "\(notary.authority.cluster)", "members": [\(members.joined(separator: ","))],
      "clients": [\(clients.joined(separator: ","))]}
      """
    try text.write(to: genesis, atomically: false, encoding: .utf8)
  }

  func remove() {
    try? FileManager.default.removeItem(at: folder)
  }

  private var genesis: URL { folder.appendingPathComponent("genesis.json") }

  func judge(_ bytes: [UInt8], as name: String = "evidence.lsev") throws -> Verdict {
    let file = folder.appendingPathComponent(name)
    try Data(bytes).write(to: file)
    let process = Process()
    process.executableURL = Self.tool
    process.arguments = [file.path, genesis.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    var fields: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      fields[String(words[0])] = words.last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
    return Verdict(status: process.terminationStatus, fields: fields)
  }
}
