import Foundation
import XCTest

@testable import Simulation

/// Whoever meets an id, in a failure or in a comment, finds what it means.
final class CatalogueTests: XCTestCase {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The text of each file of a room.
  private func files(of room: String) throws -> [(name: String, text: String)] {
    let folder = Self.root.appendingPathComponent("Sources/\(room)")
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }
      .map { ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)) }
  }

  private func catalogue() throws -> String {
    try String(contentsOf: Self.root.appendingPathComponent("docs/catalogue.md"), encoding: .utf8)
  }

  func test_promises_whenLookedThrough_haveASentenceEach() throws {
    let files = try files(of: "Simulation")
      .filter { !$0.name.hasSuffix("Violation+Sentence.swift") }

    let named = files.flatMap { $0.text.matches(of: #/"([A-Z][0-9]+)"/#) }
      .map { String($0.output.1) }

    XCTAssertEqual(Set(named).sorted(), Violation.sentences.map(\.promise).sorted())
    XCTAssertEqual(
      Violation.safety("D15", "").sentence,
      "a node whose disk was wiped counts again only as another member, known for good"
    )
  }

  func test_ids_whenLookedThrough_standInTheCatalogue() throws {
    let rows = try catalogue().matches(of: #/\n\| ([A-Z][0-9]+f?) \|/#).map(\.output.1)

    let used = try ["Simulation", "Exploration", "Raft", "Storage", "Server"]
      .flatMap { try files(of: $0) }
      .flatMap { $0.text.matches(of: #/\b([SRTWLMPXDNCG][0-9]{1,2}f?)\b/#) }.map(\.output.1)

    XCTAssertEqual(Set(used).subtracting(rows).sorted(), [])
    XCTAssertTrue(used.contains("M4f"))
  }

  func test_kindsOfFaults_whenLookedThrough_standInTheCatalogue() throws {
    // What liars do stands in tables of mode bft.
    let lines = try catalogue().split(separator: "\n").filter { !$0.contains(#/^\| B[0-9]+f? /#) }
    let told = lines.flatMap { $0.matches(of: #/`([a-z_]+)`/#) }.map { String($0.output.1) }

    XCTAssertEqual(Set(told).sorted(), FaultKind.allCases.map(\.rawValue).sorted())
  }
}
