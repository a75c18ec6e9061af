import BSON
import ClientProtocol
import Consensus
import Foundation
import Wire
import XCTest

@testable import Server

/// Requests with damaged payloads and right checksums, before a whole server (N10).
final class MutatedRequestTests: ServerTestCase {
  func test_requests_whosePayloadIsDamaged_neverStopTheNode() throws {
    let given = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }
    let seed = given ?? UInt64.random(in: 0..<1 << 48)
    print("SEED=\(seed)")
    var random = RandomSource(seed: seed)
    try withCluster(of: 1) { cluster in
      var client = try leaderClient(of: cluster)
      let session = try openSession(client)
      let samples = samples(session)

      for _ in 0..<300 {
        var bytes = ByteWriter()
        for _ in 0..<50 {
          let place = random.number(below: samples.count)
          damage(samples[place], into: &bytes, &random)
        }
        try client.send(bytes.bytes)
        // Whatever the answers are, there is one to the last question.
        let id = try client.post(.ping, id: 1 << 40)
        var answered = false
        while !answered { answered = try client.nextReply().requestID == id }
      }
      client = try leaderClient(of: cluster)
      let mine = try openSession(client, nonce: 1 << 50)
      let written = try write(client, mine, 1, .kvPut(key: [99], value: [1]))

      guard case .written = written else { return XCTFail("\(written)") }
    }
  }

  /// Every kind of request, with commands and queries of every kind.
  private func samples(_ session: UInt64) -> [(kind: UInt8, payload: [UInt8])] {
    let place = Place(collection: "kv")
    let people = Place(collection: "people")
    let id: [UInt8] = [2, 2, 0, 0, 0, 97, 0]
    let document: [UInt8] = [5, 0, 0, 0, 0]
    let operations: [(Place, Command.Operation)] = [
      (people, .createCollection), (people, .insert(id: nil, document: document)),
      (people, .put(id: id, document: document)),
      (place, .kvPut(key: [1], value: [1])), (place, .kvIncrement(key: [2], by: 1)),
    ]
    let window = ScanWindow(pageItems: 2)
    let queries: [Query.Question] = [
      .kvGet(place, key: [1]), .kvRange(place, .all, window), .get(people, id: id),
      .scan(people, .all, window), .count(people, .all), .listCollections(database: "default"),
      .listDatabases, .image, .next(cursor: 3), .closeCursor(3),
    ]
    var requests: [Request] = [.openSession(nonce: 3), .outcome(session: session, sequence: 9)]
    for (sequence, (place, operation)) in operations.enumerated() {
      requests.append(
        .write(
          WriteRequest(
            session: session,
            sequence: UInt64(sequence) + 1,
            answeredThrough: 0,
            command: Bytes(Command(place: place, operation: operation).encoded())
          )
        )
      )
    }
    for query in queries {
      let bytes = Query(query).encoded()
      requests.append(.read(ReadRequest(.linearizable, streamCredit: 2, query: bytes)))
      requests.append(.read(ReadRequest(.stale(lagMaxMilliseconds: 500), query: bytes)))
    }
    return requests.map(payload)
  }

  private func payload(of request: Request) -> (kind: UInt8, payload: [UInt8]) {
    var writer = ByteWriter()
    request.writeFrame(into: &writer, requestID: 1)
    let start = writer.bytes.count
    guard
      let frame = try? FrameReader(sizeMax: 1 << 20).next(in: writer.bytes, 0..<start)
    else { fatalError("an own frame is whole") }
    return (frame.head.kind, Array(writer.bytes[frame.payload]))
  }

  private func damage(
    _ sample: (kind: UInt8, payload: [UInt8]),
    into writer: inout ByteWriter,
    _ random: inout RandomSource
  ) {
    var payload = sample.payload
    for _ in 0...random.number(in: 0..<3) where !payload.isEmpty {
      let place = random.number(below: payload.count)
      switch random.number(in: 0..<4) {
      case 0: payload[place] ^= 1 << UInt8(random.number(in: 0..<8))
      case 1: payload[place] = UInt8(random.number(in: 0..<256))
      case 2: payload.removeLast(payload.count - place)
      default: payload.insert(UInt8(random.number(in: 0..<256)), at: place)
      }
    }
    let head = FrameHead(
      kind: sample.kind,
      requestID: 1_000 + random.number(in: 0..<1_000),
      deadlineMilliseconds: UInt32(random.number(in: 0..<300))
    )
    writer.writeFrame(head) { $0.writeRaw(payload) }
  }
}
