import XCTest

@testable import JepsenHarness

final class FaultMeansTests: XCTestCase {
  private func left(_ name: String, _ means: FaultMeans) throws -> [FaultKind]? {
    try XCTUnwrap(FaultRecipe.named(name)).left(with: means).recipe?.kinds
  }

  func test_recipes_whenAllIsThere_areWhole() {
    for recipe in FaultRecipe.all {
      let (left, missing) = recipe.left(with: FaultMeans(hasClocks: true, isRoot: true))

      XCTAssertEqual(left?.kinds, recipe.kinds, recipe.name)
      XCTAssertNil(missing, recipe.name)
    }
  }

  func test_recipe_whenItsPointIsMissing_isLeftOut() throws {
    let poor = FaultMeans(hasClocks: false, isRoot: false)

    XCTAssertNil(try left("wrong-clocks", poor))
    XCTAssertEqual(
      try XCTUnwrap(FaultRecipe.named("wrong-clocks")).left(with: poor).missing,
      "no clock-jump, clock-rate without libfaketime (apt-get install libfaketime)"
    )
  }

  func test_recipe_whenOneOfManyIsMissing_keepsTheOthers() throws {
    let kinds = try XCTUnwrap(left("bad-disks", FaultMeans(hasClocks: true, isRoot: false)))

    XCTAssertFalse(kinds.contains(.diskFull))
    let untraced = FaultMeans(hasClocks: true, hasTracer: false, isRoot: true)
    let rest = try XCTUnwrap(left("bad-disks", untraced))
    XCTAssertFalse(rest.contains(.diskSlow) || rest.contains(.diskHung))
    XCTAssertTrue(rest.contains(.diskFull))
    let poor = FaultMeans(hasClocks: true, hasTracer: false, isRoot: false)
    XCTAssertEqual(
      try XCTUnwrap(FaultRecipe.named("bad-disks")).left(with: poor).missing,
      "no disk-slow, disk-hung, disk-full without strace (apt-get install strace) and root, "
        + "to mount a small disk"
    )
    XCTAssertTrue(kinds.contains(.diskHung))
  }
}
