import XCTest

@testable import ClientProtocol

final class ErrorCodeTests: XCTestCase {
  func test_codes_always_haveUniqueNumbersAndComeBackFromThem() {
    let numbers = ErrorCode.allCases.map(\.wireCode)

    XCTAssertEqual(Set(numbers).count, ErrorCode.allCases.count)
    for code in ErrorCode.allCases {
      XCTAssertEqual(ErrorCode(wireCode: code.wireCode), code)
    }
  }

  func test_number_whenUnknown_isAnInternalError() {
    XCTAssertEqual(ErrorCode(wireCode: 0), .internalError)
    XCTAssertEqual(ErrorCode(wireCode: .max), .internalError)
  }

  func test_names_always_areSnakeCase() {
    for code in ErrorCode.allCases {
      XCTAssertTrue(code.rawValue.allSatisfy { $0.isLowercase || $0 == "_" }, code.rawValue)
    }
  }

  func test_documentation_always_listsEveryCodeAsItIs() throws {
    let page = try String(contentsOfFile: documentationPath, encoding: .utf8)

    for code in ErrorCode.allCases {
      let retry = code.isRetryable ? "yes" : "no"
      let row =
        "| `\(code.rawValue)` | \(code.wireCode) | \(code.outcome.name) | \(retry) "
        + "| \(code.exitCode.rawValue) |"
      XCTAssertTrue(page.contains(row), row)
    }
  }

  private var documentationPath: String {
    URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("docs/formats/wire.md").path
  }
}
