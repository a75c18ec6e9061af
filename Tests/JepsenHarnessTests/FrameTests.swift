import Consensus
import XCTest

@testable import JepsenHarness

final class FrameTests: XCTestCase {
  func test_frames_inAStream_areFoundWhole() {
    let (one, two) = (ToyPeer.frame("a"), ToyPeer.frame("bb"))
    let cases: [(name: String, bytes: [UInt8], found: [Range<Int>])] = [
      ("nothing", [], []),
      ("less than a length", [20, 0, 0], []),
      ("one", one, [0..<21]),
      ("one less a byte", one.dropLast(), []),
      ("two", one + two, [0..<21, 21..<43]),
      ("one and a half", one + two.prefix(10), [0..<21]),
      ("too short to be one", [15, 0, 0, 0, 1], [0..<5]),
      ("too long to be one", one + [255, 255, 255, 255], [0..<21, 21..<25]),
    ]

    for (name, bytes, found) in cases {
      XCTAssertEqual(FrameRanges.whole(in: bytes, 0..<bytes.count), found, name)
    }
  }

  func test_records_inASealedStream_areFoundWhole() {
    let (one, two): ([UInt8], [UInt8]) = ([22, 3, 1, 0, 1, 9], [23, 3, 3, 0, 2, 8, 7])
    let cases: [(name: String, bytes: [UInt8], found: [Range<Int>])] = [
      ("nothing", [], []),
      ("less than a head", one.dropLast(2), []),
      ("one less a byte", one.dropLast(), []),
      ("two", one + two, [0..<6, 6..<13]),
      ("one and a half", one + two.dropLast(), [0..<6]),
      ("not sealed", one + [1, 0, 0, 0, 0, 0], [0..<6, 6..<12]),
      ("too long to be one", [23, 3, 3, 255, 255], [0..<5]),
    ]

    for (name, bytes, found) in cases {
      XCTAssertEqual(FrameRanges.wholeRecords(in: bytes, 0..<bytes.count), found, name)
    }
  }

  func test_fate_ofTheSameSeed_isTheSame_andWithoutFaultsIsNone() {
    var faults = LinkFaults()
    (faults.lossPercent, faults.corruptPercent, faults.delayMilliseconds) = (20, 20, 10)
    func fates(_ seed: UInt64, _ faults: LinkFaults) -> [FrameFate] {
      var random = RandomSource(seed: seed)
      return (1...100).map { FrameFate(of: $0, under: faults, &random) }
    }

    XCTAssertEqual(fates(1, faults), fates(1, faults))
    XCTAssertNotEqual(fates(1, faults), fates(2, faults))
    XCTAssertTrue(fates(1, LinkFaults()).allSatisfy { !$0.isLost && $0.delayMicroseconds == 0 })
    let delays = fates(3, faults).map(\.delayMicroseconds)
    XCTAssertLessThan(delays.sorted()[50], 25_000)
    XCTAssertGreaterThan(delays.max() ?? 0, 40_000, "the tail is heavy")
  }

  func test_museum_whenAMemberIsAnother_isEmpty() {
    var random = RandomSource(seed: 1)
    var museum = FrameMuseum()
    func hello(_ kind: UInt8, _ incarnation: String) -> [UInt8] {
      ToyPeer.frame(String(repeating: "-", count: 25) + incarnation + "--------", kind: kind)
    }
    for kind in [UInt8(1), 2] {
      museum.note(hello(kind, "AAAAAAAAA"), &random)
      museum.note(ToyPeer.frame("said"), &random)

      museum.note(hello(kind, "AAAAAAAAA"), &random)
      XCTAssertEqual(museum.any(&random), ToyPeer.frame("said"))
      museum.note(hello(kind, "BBBBBBBBB"), &random)

      XCTAssertNil(museum.any(&random))
    }
  }

  func test_museum_whenThereIsNoRoom_keepsSomeOldFrames() {
    var random = RandomSource(seed: 1)
    var museum = FrameMuseum()

    for number in 0..<200 { museum.note(ToyPeer.frame("\(number)"), &random) }
    let shown = Set((0..<500).compactMap { _ in museum.any(&random) })

    XCTAssertTrue(shown.contains { $0.count == 21 }, "one of the first ten")
    XCTAssertTrue(shown.contains { $0.count == 23 }, "one of the last hundred")
    XCTAssertEqual(shown.count, 64)
  }
}
