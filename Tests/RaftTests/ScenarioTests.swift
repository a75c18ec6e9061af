import Foundation
import XCTest

/// The scripts in `Scenarios/`, each compared with its expected trace.
final class ScenarioTests: XCTestCase {
  func test_scenarios_whenRun_traceAsRecorded() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Scenarios")
    let isRecording = ProcessInfo.processInfo.environment["RECORD"] != nil

    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".txt") && $0 != "README.txt" }.sorted()

    XCTAssertGreaterThanOrEqual(names.count, 27)
    for name in names {
      let file = folder.appendingPathComponent(name)
      let script = try String(contentsOf: file, encoding: .utf8)
      do {
        let trace = try Scenario.run(script)
        if isRecording {
          try trace.write(to: file, atomically: true, encoding: .utf8)
        } else {
          XCTAssertEqual(trace, script, name)
        }
      } catch {
        XCTFail("\(name): \(error)")
      }
    }
  }
}
