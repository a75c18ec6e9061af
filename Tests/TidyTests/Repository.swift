import Foundation

/// The repository this test was compiled from.
enum Repository {
  /// The top folder, found from this file's own path.
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every Swift file, read once.
  static let files: [SourceFile] =
    (["Package.swift"] + ["Sources", "Tests", "Jepsen-style", "tools"].flatMap(swiftFiles(in:)))
    .map { SourceFile(path: $0, text: text(of: $0)) }

  /// The files that end up in what users run.
  static let sources = files.filter { $0.room != nil }

  /// All decision records in one text.
  static let decisions: String = names(in: "docs/decisions")
    .map { text(of: "docs/decisions/\($0)") }.joined(separator: "\n")

  static func text(of path: String) -> String {
    (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)) ?? ""
  }

  private static func names(in folder: String) -> [String] {
    let path = root.appendingPathComponent(folder).path
    return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  private static func swiftFiles(in folder: String) -> [String] {
    let path = root.appendingPathComponent(folder).path
    let found = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
    return found.filter { $0.hasSuffix(".swift") && !$0.contains(".build") }.sorted()
      .map { "\(folder)/\($0)" }
  }
}
