import XCTest

final class DoorTests: TidyTestCase {
  func test_repository_whenImporting_usesItsDoors() {
    assertTidy(Repository.sources.flatMap(DoorRule.violations(in:)))
  }

  func test_imports_whenThroughNoDoor_areFound() {
    assertFinds(
      [
        ("a door", "Sources/Raft/A.swift", "package import Consensus\nimport Wire", []),
        ("no door", "Sources/Raft/A.swift", "import Storage", ["doors"]),
        ("upwards", "Sources/Wire/A.swift", "import Raft", ["doors"]),
        ("Foundation in a pure room", "Sources/Raft/A.swift", "import Foundation", ["doors"]),
        ("Glibc in a pure room", "Sources/Replication/A.swift", "import Glibc", ["doors"]),
        ("Dispatch in a pure room", "Sources/Simulation/A.swift", "import Dispatch", ["doors"]),
        ("Glibc at the disk", "Sources/Storage/A.swift", "import Glibc", []),
        ("all of Foundation", "Sources/Server/A.swift", "import Foundation", ["doors"]),
        ("one declaration", "Sources/Raft/A.swift", "import struct Server.A", ["doors"]),
        ("an unknown room", "Sources/Attic/A.swift", "struct A {}", ["doors"]),
        ("a test", "Tests/RaftTests/A.swift", "import Foundation", []),
      ],
      by: DoorRule.violations(in:)
    )
  }

  func test_package_whenRead_opensExactlyTheDoorsOfTheHouse() throws {
    let package = try XCTUnwrap(Repository.files.first { $0.path == "Package.swift" })

    let doors = DoorRule.doors(declaredIn: package).mapValues { $0.sorted() }

    let house = Dictionary(uniqueKeysWithValues: House.rooms.map { ($0.name, $0.doors.sorted()) })
    XCTAssertEqual(doors, house)
  }

  func test_doors_whenFollowed_leadDown() {
    for room in House.rooms {
      for door in room.doors {
        let below = House.room(door)
        XCTAssertNotNil(below, "\(room.name) opens onto \(door), which is no room")
        XCTAssertLessThan(below?.floor ?? 0, room.floor, "\(room.name) opens onto \(door)")
      }
    }
  }

  func test_rooms_whenLookedUpInTheTour_standOnTheirFloors() {
    let lines = Repository.text(of: "docs/architecture.md").split(separator: "\n")

    for room in House.rooms where room.floor > 0 {
      let row = lines.first { $0.hasPrefix("| \(room.floor) |") } ?? ""
      XCTAssertTrue(row.contains("`\(room.name)`"), "\(room.name) on floor \(room.floor)")
    }
  }

  func test_package_whenRead_dependsOnNoOtherPackage() throws {
    let package = try XCTUnwrap(Repository.files.first { $0.path == "Package.swift" })

    XCTAssertFalse(Self.dependsOnPackages(package))
  }

  func test_dependency_whenPlanted_isFound() {
    let line = "let p = Package(dependencies: [.package(url: \"https://x\", from: \"1.0.0\")])"

    XCTAssertTrue(Self.dependsOnPackages(SourceFile(path: "Package.swift", text: line)))
  }

  func test_doors_whenPlanted_areReadFromTheManifest() {
    let manifest = """
      func room(_ name: String) {}
      room("A", opensOnto: ["B", "C"], path: "x"),
      room("B"), .target(name: "C"),
      .executableTarget(name: "D", dependencies: ["A"], settings: settings),
      .testTarget(name: "E", settings: settings)
      """

    let doors = DoorRule.doors(declaredIn: SourceFile(path: "Package.swift", text: manifest))

    XCTAssertEqual(doors, ["A": ["B", "C"], "B": [], "C": [], "D": ["A"]])
  }

  private static func dependsOnPackages(_ file: SourceFile) -> Bool {
    file.tokens.indices.contains { file.reads([".", "package", "("], at: $0) }
  }
}
