import XCTest

/// What `docs/catalogue.md` says of faults of the Byzantine mode is there.
final class CatalogueTests: TidyTestCase {
  func test_faultsOfModeBft_whenLookedUp_areTriedByWhatTheCatalogueNames() {
    let rows = Repository.text(of: "docs/catalogue.md").split(separator: "\n")
      .filter { $0.hasPrefix("| B") }
      .map { $0.split(separator: "|", omittingEmptySubsequences: false) }
    let known = Set(behaviours + lies + classes)

    XCTAssertEqual(rows.map { $0[1].filter { $0 != " " } }, (1...15).map { "B\($0)f" })
    for row in rows {
      let named = row[3].matches(of: #/`([A-Za-z0-9-]+)`/#).map { String($0.output.1) }
      XCTAssertEqual(named.filter { !known.contains($0) }, [], "\(row[1])")
      XCTAssertEqual(named.isEmpty, row[1].contains("B11f"), "\(row[1])")
    }
  }

  private var behaviours: [String] {
    lines(under: "Sources/ByzantineSchedules/Behaviours/")
      .flatMap { $0.matches(of: #/"([a-z0-9]+(?:-[a-z0-9]+)+)"/#).map { String($0.output.1) } }
  }

  private var lies: [String] {
    lines(under: "Sources/Liars/Lie.swift").flatMap { line in
      line.matches(of: #/^ *case ([a-z]+)$|"([a-z]+-[a-z-]+)"/#).map {
        String($0.output.1 ?? $0.output.2 ?? "")
      }
    }
  }

  private var classes: [String] {
    lines(under: "Tests/")
      .flatMap { $0.matches(of: #/class ([A-Za-z0-9]+Tests)/#).map { String($0.output.1) } }
  }

  private func lines(under path: String) -> [String] {
    Repository.files.filter { $0.path.hasPrefix(path) }.flatMap { $0.lines.map { String($0) } }
  }
}
