import ClientProtocol
import Wire
import XCTest

@testable import LockstepCommand

final class BenchTests: XCTestCase {
  func test_histogram_whenEmpty_isAllZero() {
    let histogram = Histogram()

    XCTAssertEqual(histogram.quantile(0.99), 0)
    XCTAssertEqual(histogram.mean, 0)
    XCTAssertEqual(histogram.max, 0)
  }

  func test_histogram_whenAskedForAQuantile_isWithinAPercentAbove() {
    for scale in [1, 3, 100, 7_919, 1_000_003] {
      var histogram = Histogram()
      for number in 1...1_000 { histogram.record(number * scale) }

      for share in [0.001, 0.5, 0.95, 0.99, 1] {
        let exact = Int((share * 1_000).rounded(.up)) * scale
        let found = histogram.quantile(share)
        XCTAssertGreaterThanOrEqual(found, exact, "\(scale) \(share)")
        XCTAssertLessThanOrEqual(Double(found), Double(exact) * 1.01, "\(scale) \(share)")
      }
      XCTAssertEqual(histogram.max, 1_000 * scale)
      XCTAssertEqual(histogram.mean, 500.5 * Double(scale), accuracy: 0.001)
    }
  }

  func test_histogram_whenAtTheEdges_staysInItsBuckets() {
    let edges = [-1, 0, 1, 127, 128, 129, 255, 256, 257, 1 << 40, .max]
    for value in edges {
      var histogram = Histogram()

      histogram.record(value)

      let kept = Swift.max(0, Swift.min(value, Histogram.durationMax))
      XCTAssertEqual(histogram.quantile(1), kept, "\(value)")
    }
  }

  func test_lane_whenAnswersOvertakeEachOther_keepsItsWindow() {
    var lane = BenchLane()
    for key in 0..<256 {
      XCTAssertEqual(lane.open(key: key, isPut: key.isMultiple(of: 2), at: 7), UInt64(key + 1))
    }
    XCTAssertFalse(lane.hasRoom)

    XCTAssertEqual(lane.close(2), 7)

    XCTAssertFalse(lane.hasRoom, "the oldest is still outstanding")
    XCTAssertNil(lane.close(2), "closed already")
    XCTAssertNil(lane.close(257), "never opened")
    XCTAssertEqual(lane.close(1), 7)
    XCTAssertEqual(lane.answeredThrough, 2)
    XCTAssertEqual(lane.outstanding, 254)
    XCTAssertEqual(lane.open.prefix(2), [3, 4])
    XCTAssertEqual(lane.key(of: 3), 2)
    XCTAssertTrue(lane.isPut(3))
    XCTAssertFalse(lane.isPut(4))
    XCTAssertTrue(lane.hasRoom)
  }

  private let place = Place(database: "shop", collection: BenchPlan.collection)

  func test_commandBytes_whenAskedForAKey_areOfThatKeyAlone() throws {
    var puts = BenchCommandBytes.put(valueSize: 256, to: place)
    var gets = BenchCommandBytes.get(from: place)

    for number in [0, 7, 1_234, 99_999_999, 5] {
      let name = "key-" + String(repeating: "0", count: 8 - "\(number)".count) + "\(number)"

      let put = try Command(decoding: puts.bytes(ofKey: number))
      let get = try Query(decoding: gets.bytes(ofKey: number)).question

      guard case .kvPut(let key, let value) = put.operation,
        case .kvGet(let from, let asked) = get
      else { return XCTFail("\(put) \(get)") }
      XCTAssertEqual([put.place, from], [place, place])
      XCTAssertEqual(String(decoding: key, as: UTF8.self), name)
      XCTAssertEqual(asked, key)
      XCTAssertEqual(value.count, 256)
    }
  }

  func test_frame_whenFilled_isTheRequestOfTheProtocol() throws {
    var put = BenchFrame.put(valueSize: 256, to: place)
    var get = BenchFrame.get(from: place)
    let reader = FrameReader(sizeMax: Limits.frameSizeMax)

    put.fill(id: 9, key: 1_234, session: 77, answeredThrough: 5)
    get.fill(id: 8, key: 99_999_999, session: 77, answeredThrough: 5)

    let putView = try XCTUnwrap(try reader.next(in: put.bytes, 0..<put.bytes.count))
    guard case .write(let write) = try Request(in: put.bytes, putView) else { return XCTFail() }
    XCTAssertEqual(putView.head.requestID, 9)
    XCTAssertEqual([write.session, write.sequence, write.answeredThrough], [77, 9, 5])
    var command = ByteReader(write.command)
    guard case .kvPut(let key, let value) = try Command(from: &command).operation else {
      return XCTFail()
    }
    XCTAssertEqual(String(decoding: key, as: UTF8.self), "key-00001234")
    XCTAssertEqual(value.count, 256)

    let getView = try XCTUnwrap(try reader.next(in: get.bytes, 0..<get.bytes.count))
    guard case .read(let read) = try Request(in: get.bytes, getView) else { return XCTFail() }
    var query = ByteReader(read.query)
    guard case .kvGet(_, let readKey) = try Query(from: &query).question else { return XCTFail() }
    XCTAssertEqual(String(decoding: readKey, as: UTF8.self), "key-99999999")
    XCTAssertEqual(read.consistency, .linearizable)
  }

  func test_plan_takesTheURLsThatAllCommandsTake() throws {
    let cases: [(url: String, addresses: [String]?)] = [
      ("lockstep://a:1,b:2/default?timeout=5s", ["a:1", "b:2"]),
      ("lockstep://[::1]:5", ["[::1]:5"]), ("lockstep://a", ["a:7301"]),
      ("lockstep://ada:secret@a:1", nil), ("http://a:1", nil), ("lockstep://", nil),
      ("lockstep:///x", nil), ("lockstep://a:1?consistency=stale:500ms", nil),
    ]

    let surroundings = Surroundings(environment: [:], readFile: { _ in nil })
    let parser = CommandParser(table: .complete, surroundings: surroundings)
    for (url, addresses) in cases {
      guard case .run(let invocation) = try parser.parse(["bench", "get", "--url", url]) else {
        return XCTFail(url)
      }
      let plan = try? BenchPlan(invocation, .get)
      XCTAssertEqual(plan?.addresses.map(\.description), addresses, url)
    }
  }

  func test_result_whenReported_checksLittlesLaw() {
    var result = BenchResult(now: 0)
    result.note(sentAt: 0, answeredAt: 9_000, isFailure: false)
    result.isMeasuring = true
    for _ in 0..<1_000 { result.note(sentAt: 9_000, answeredAt: 11_000, isFailure: false) }
    result.seconds = 0.5

    XCTAssertEqual(result.operationsPerSecond, 2_000)
    XCTAssertEqual(result.littlesLaw(outstanding: 4), 1, accuracy: 0.001)
    XCTAssertEqual(result.answered, 1_001, "the one before the measurement, too")
    XCTAssertEqual(result.stall, 2_000)
  }

  func test_result_whenMostIsRefused_countsWhatWasDone() throws {
    var result = BenchResult(now: 0)
    var sample = BenchSample(every: 1_000_000, from: 0)
    result.isMeasuring = true
    for number in 0..<11 {
      let answeredAt: UInt64 = number == 0 ? 2_000 : 10
      result.note(sentAt: 0, answeredAt: answeredAt, isFailure: number > 0)
      sample.note(sentAt: 0, answeredAt: answeredAt, isFailure: number > 0)
    }
    result.seconds = 1

    XCTAssertEqual(result.operationsPerSecond, 1)
    XCTAssertEqual(result.errors, 10)
    XCTAssertEqual(result.histogram.quantile(0.5), result.histogram.max)
    XCTAssertEqual(result.answered, 11)
    let taken = JSONValue.object(try XCTUnwrap(sample.take(at: 1_000_000))).json
    XCTAssertTrue(taken.contains("\"ops_s\":1.0,"), taken)
    XCTAssertTrue(taken.contains("\"errors\":10"), taken)
    XCTAssertNil(result.failure)
  }

  func test_result_whenAllIsRefused_isAFailure() {
    var result = BenchResult(now: 0)
    result.isMeasuring = true
    result.trouble = "the disk is full"
    for _ in 0..<3 { result.note(sentAt: 0, answeredAt: 10, isFailure: true) }

    XCTAssertEqual(result.failure?.exitCode, .failed)
    XCTAssertEqual(
      result.failure?.message,
      "nothing was done, 3 operations failed: the disk is full"
    )
  }

  func test_processorTime_whenReadFromTheSystemsLine_isUserAndSystemTogether() {
    let cases: [(line: String, ticks: Int)] = [
      ("7 (lockstep) S 1 7 7 0 -1 4194304 90 0 1 0 250 31 0 0 20 0 3 0 1 2 3", 281),
      ("7 (a) b) S 1 7 7 0 -1 4194304 90 0 1 0 2 3 0 0 20", 5),
      ("7 (short) S 1 7", 0), ("", 0),
    ]

    for (line, ticks) in cases {
      XCTAssertEqual(ProcessorTime.ticks(inStat: line), ticks, line)
    }
  }

  func test_processorTime_whenAProcessHasEnded_countsNothing() {
    let time = ProcessorTime(of: [Int(Int32.max)])

    XCTAssertEqual(time.watched, 0)
    XCTAssertGreaterThan(time.own, 0)
  }
}
