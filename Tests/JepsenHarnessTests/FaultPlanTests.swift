import XCTest

@testable import JepsenHarness

final class FaultPlanTests: XCTestCase {
  func test_plan_whenTheSeedIsTheSame_isTheSame_andElseAnother() {
    let first = FaultPlan(seed: 7, kinds: FaultKind.allCases, nodes: 5, seconds: 60)
    let second = FaultPlan(seed: 7, kinds: FaultKind.allCases, nodes: 5, seconds: 60)
    let other = FaultPlan(seed: 8, kinds: FaultKind.allCases, nodes: 5, seconds: 60)

    XCTAssertEqual(first.orders, second.orders)
    XCTAssertNotEqual(first.orders, other.orders)
  }

  func test_plan_whateverTheSeed_hasEveryKind_andEndsInTime() {
    for seed in UInt64(0)..<50 {
      for seconds in [5, 20, 90] {
        let plan = FaultPlan(seed: seed, kinds: FaultKind.allCases, nodes: 3, seconds: seconds)

        XCTAssertEqual(Set(plan.orders.map(\.kind)), Set(FaultKind.allCases), "seed \(seed)")
        XCTAssertEqual(plan.orders.map(\.at), plan.orders.map(\.at).sorted())
        XCTAssertLessThanOrEqual(plan.orders.map(\.ends).max() ?? 0, seconds * 1_000)
      }
    }
  }

  func test_plan_whateverTheSeed_aimsAtNodesThatExist_eachOnce() {
    for seed in UInt64(0)..<50 {
      let plan = FaultPlan(seed: seed, kinds: FaultKind.allCases, nodes: 5, seconds: 60)

      for order in plan.orders {
        XCTAssertTrue(order.targets.allSatisfy { (1...5).contains($0) }, "\(order)")
        XCTAssertEqual(Set(order.targets).count, order.targets.count, "\(order)")
        XCTAssertGreaterThan(order.lasts, 0, "\(order)")
      }
    }
  }

  func test_plan_whateverTheSeed_destroysWhatOneNodeHasAtMost() {
    for seed in UInt64(0)..<50 {
      let plan = FaultPlan(seed: seed, kinds: FaultKind.allCases, nodes: 3, seconds: 90)

      let victims = Set(plan.orders.filter(\.kind.destroys).flatMap(\.targets))
      XCTAssertEqual(victims.count, 1, "seed \(seed)")
    }
  }

  func test_plan_inOneLane_hasOneFaultAtATime() {
    let plan = FaultPlan(seed: 3, kinds: FaultKind.allCases, nodes: 3, seconds: 90)

    for lane in FaultKind.Lane.allCases {
      let own = plan.orders.filter { $0.kind.lane == lane }
      for (earlier, later) in zip(own, own.dropFirst()) {
        XCTAssertLessThanOrEqual(earlier.ends, later.at)
      }
    }
  }

  func test_recipe_whenRun_hasItsKinds_andFitsIntoTheTime() {
    for recipe in FaultRecipe.all {
      for seconds in [10, 60] {
        let plan = FaultPlan(seed: 1, recipe: recipe, nodes: 5, seconds: seconds)

        XCTAssertEqual(Set(plan.orders.map(\.kind)), Set(recipe.kinds), recipe.name)
        XCTAssertLessThanOrEqual(plan.orders.map(\.ends).max() ?? 0, seconds * 1_000, recipe.name)
      }
      XCTAssertEqual(FaultRecipe.named(recipe.name)?.summary, recipe.summary)
    }
    XCTAssertNil(FaultRecipe.named("no such recipe"))
  }

  /// The library that lies about time looks once a second what to say.
  func test_clocks_areWrongForLongEnoughToBeRead() throws {
    let recipe = try XCTUnwrap(FaultRecipe.named("wrong-clocks"))
    for seed in UInt64(0)..<20 {
      let plan = FaultPlan(seed: seed, recipe: recipe, nodes: 3, seconds: 30)
      let lengths = plan.orders.filter { $0.kind.lane == .clock }.map(\.lasts)
      XCTAssertGreaterThanOrEqual(try XCTUnwrap(lengths.min()), 2_000, "seed \(seed)")
    }
  }

  /// A campaign runs recipes: a kind that is in none is never tried.
  func test_recipes_together_haveEveryKind() {
    XCTAssertEqual(Set(FaultKind.allCases).subtracting(FaultRecipe.all.flatMap(\.kinds)), [])
  }

  func test_recipe_whenANodesFilesAreDamaged_letsThatNodeLead() throws {
    let recipe = try XCTUnwrap(FaultRecipe.named("corrupt-then-lead"))

    for seed in UInt64(0)..<20 {
      let plan = FaultPlan(seed: seed, recipe: recipe, nodes: 5, seconds: 60)

      XCTAssertEqual(Set(plan.orders.flatMap(\.targets)).count, 1)
    }
  }

  func test_recipe_whenANodeIsToLag_killsWhomItHasCutOffWithTheFewer() throws {
    let recipe = try XCTUnwrap(FaultRecipe.named("lagging-follower"))

    for seed in UInt64(0)..<20 {
      for nodes in [3, 5] {
        let orders = FaultPlan(seed: seed, recipe: recipe, nodes: nodes, seconds: 60).orders
        let cuts = orders.filter { $0.kind == .partitionHalves }
        let kills = orders.filter { $0.kind == .kill }

        XCTAssertEqual(cuts.count, kills.count)
        for (cut, kill) in zip(cuts, kills) {
          XCTAssertEqual(cut.targets.first, kill.targets.first)
          XCTAssertEqual(Set(cut.targets), Set(1...nodes))
        }
      }
    }
  }

  func test_recipe_whenItNeedsManyCalls_setsTheRate_unlessSomebodySays() throws {
    var plan = RunPlan(binaries: ["x"], folder: "x")
    XCTAssertEqual(plan.callsPerSecond, 20)
    plan.faults = .recipe(try XCTUnwrap(FaultRecipe.named("crash-under-load")))
    XCTAssertEqual(plan.callsPerSecond, 500)
    XCTAssertFalse(plan.isRateOverruled)
    plan.rate = 7
    XCTAssertTrue(plan.isRateOverruled)
    XCTAssertEqual(plan.callsPerSecond, 7)
    plan.rate = 0
    XCTAssertEqual(plan.callsPerSecond, 0)
  }
}
