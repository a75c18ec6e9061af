import Consensus
import XCTest

@testable import Replication

/// The table against a plain array.
final class SessionTableTests: XCTestCase {
  func test_table_whenChangedAtRandom_isAsAnArray() throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      var random = RandomSource(seed: seed)
      var (table, model) = (SessionTable(), [UInt64]())
      var id: UInt64 = 0
      for step in 0..<4_000 {
        let growth = step / 1_000 % 2 == 0 ? 80 : 20
        if random.chance(percent: growth) || model.isEmpty {
          id += 1 + UInt64(random.number(below: 3))
          table.append(Session(id: id, nonce: id, lastUseMicroseconds: 0))
          model.append(id)
        } else {
          let gone = model.remove(at: random.number(below: model.count))
          XCTAssertEqual(table.remove(at: try XCTUnwrap(table.find(gone))).id, gone)
        }
        let asked = random.number(in: 0..<id + 2)
        XCTAssertEqual(table.find(asked) != nil, model.contains(asked))
        XCTAssertEqual(table.next(after: asked).first?.id, model.first { $0 > asked })
        XCTAssertEqual(table.count, model.count)
        XCTAssertEqual(table.lastID, model.last)
        if step % 100 == 0 { XCTAssertEqual(table.all.map(\.id), model, "seed \(seed)") }
      }
    }
  }

  func test_session_whenChangedThroughItsPlace_isChanged() {
    var table = SessionTable()
    for id in 1...200 as ClosedRange<UInt64> {
      table.append(Session(id: id, nonce: id, lastUseMicroseconds: 0))
    }
    let copy = table

    if let place = table.find(130) { table[place].lastUseMicroseconds = 9 }

    XCTAssertEqual(table.all.filter { $0.lastUseMicroseconds == 9 }.map(\.id), [130])
    XCTAssertTrue(copy.all.allSatisfy { $0.lastUseMicroseconds == 0 })
  }
}
