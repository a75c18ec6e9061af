import Consensus
import Wire
import XCTest

@testable import PBFT

/// One value of each message, record and evidence; a value has one form in bytes, and any other
/// bytes are refused or mean another value.
final class MessageCodecTests: XCTestCase {
  private static let forge = Forge()
  private static let block = forge.block(0)
  private static let second = forge.block(0, after: block.header, body: [forge.envelope(first: 2)])
  private static let change = forge.viewChange(
    to: 1,
    by: 1,
    stable: forge.stable(block.header),
    high: forge.prepared(second.header)
  )
  private static let changes = (0..<3).map { forge.viewChange(to: 1, by: $0) }
  private static let newView = forge.newView(1, of: changes)
  private static let word = forge.authority.word(
    for: ReceiptWord.Fact(
      block: (SequenceNumber(3), forge.authority.digest(of: block.header)),
      index: LogIndex(4),
      client: forge.authority.clients[0],
      request: forge.authority.digest(of: forge.envelope().requests[0]),
      result: .zero
    ),
    of: ReplicaNumber(1),
    by: forge.keys.signer(of: 1)
  )
  private static let fence = Fence(
    counter: 1 << 32,
    stable: SequenceNumber(9),
    view: View(2),
    isKnown: true
  )

  private static let messages: [(String, PBFTMessage)] = [
    ("envelope", .envelope(forge.envelope(count: 3))),
    ("prePrepare", .prePrepare(forge.proposal(block))),
    ("anchor", .prePrepare(forge.proposal(forge.block(1, newView: newView)))),
    ("prePrepare vote", .vote(forge.vote(.prePrepare, block.header, by: 0))),
    ("prepare", .vote(forge.vote(.prepare, block.header, by: 2))),
    ("commit", .vote(forge.vote(.commit, block.header, by: 3))),
    ("checkpoint", .checkpoint(forge.checkpoint(block.header, root: 4, by: 1))),
    ("viewChange", .viewChange(change)),
    ("newView", .newView(newView)),
    (
      "status",
      .status(
        Status(
          view: View(3),
          isActive: true,
          tip: SequenceNumber(4),
          prepared: BlockPlace(View(2), SequenceNumber(4)),
          committed: SequenceNumber(3),
          stable: SequenceNumber(2),
          isFenced: false,
          newest: forge.vote(.commit, block.header, by: 1)
        )
      )
    ),
    ("stable", .stable(forge.stable(block.header))),
    ("committed", .committed(forge.committed(block.header))),
    ("fetch", .fetch(forge.authority.digest(of: block.header), above: SequenceNumber(1))),
    ("blocks", .blocks([second, block])),
    ("askFence", .askFence(nonce: 77)),
    (
      "fenceReport",
      .fenceReport(
        FenceReport(
          nonce: 77,
          view: View(1),
          stable: forge.stable(block.header),
          newest: forge.vote(.prepare, block.header, by: 2),
          viewChange: changes[2]
        )
      )
    ),
  ]

  private static let records: [(String, PBFTRecord)] = [
    (
      "accepted",
      .accepted(forge.proposal(block), prepare: forge.vote(.prepare, block.header, by: 1))
    ),
    ("proposed", .accepted(forge.proposal(block), prepare: nil)),
    ("adopted", .adopted(block)),
    (
      "prepared",
      .prepared(forge.prepared(block.header), commit: forge.vote(.commit, block.header, by: 1))
    ),
    ("committed", .committed(forge.committed(block.header))),
    ("viewChange", .viewChange(change)),
    ("newView", .newView(newView)),
    ("checkpoint", .checkpoint(forge.checkpoint(block.header, root: 1, by: 1))),
    ("stable", .stable(forge.stable(block.header))),
    ("restart", .restart(forge.stable(block.header))),
    ("fence", .fence(fence)),
    ("fencePassed", .fencePassed(counter: 5)),
    (
      "summary",
      .summary(
        PBFTRecord.Summary(
          base: block.header,
          tip: forge.authority.digest(of: second.header),
          view: View(1),
          votedPlace: second.header.place,
          counter: 12,
          high: forge.prepared(block.header),
          commit: forge.vote(.commit, block.header, by: 1),
          viewChange: changes[1],
          newView: newView,
          stable: forge.stable(block.header),
          committed: forge.committed(second.header),
          checkpoints: [forge.checkpoint(second.header, root: 1, by: 1)],
          fence: fence
        )
      )
    ),
  ]

  private static let evidence: [(String, Evidence)] = [
    (
      "votes",
      .conflictingVotes(
        forge.vote(.prepare, block.header, by: 1),
        forge.vote(.prepare, second.header, by: 1)
      )
    ),
    (
      "checkpoints",
      .conflictingCheckpoints(
        forge.checkpoint(block.header, root: 1, by: 1),
        forge.checkpoint(block.header, root: 2, by: 1)
      )
    ),
    ("counter", .sharedCounter(.viewChange(change), .newView(newView))),
    ("lock", .hiddenLock(forge.vote(.commit, block.header, by: 1), change)),
    ("late", .voteAfterViewChange(change, forge.vote(.commit, block.header, by: 1))),
    ("newView", .badNewView(newView)),
    ("newViews", .conflictingNewViews(newView, newView)),
    ("proposal", .badProposal(forge.proposal(block))),
    ("requests", .conflictingRequests(forge.envelope(), forge.envelope(text: "b"))),
    ("receipts", .conflictingReceipts(word, [word, word])),
  ]

  func test_message_whenEncoded_comesBackFromOneFormOnly() {
    for (name, message) in Self.messages { check(name, message) }
  }

  func test_record_whenEncoded_comesBackFromOneFormOnly() {
    for (name, record) in Self.records {
      check(name, record)
      XCTAssertEqual(record.payload, record.encoded(), name)
    }
  }

  func test_evidence_whenEncoded_comesBackFromOneFormOnly() {
    for (name, evidence) in Self.evidence { check(name, evidence) }
  }

  func test_statement_whenEncoded_comesBackFromOneFormOnly() {
    check("vote", Statement.vote(Self.forge.vote(.prepare, Self.block.header, by: 1)))
    check(
      "checkpoint",
      Statement.checkpoint(Self.forge.checkpoint(Self.block.header, root: 1, by: 1))
    )
  }

  func test_limits_whenExceededByOne_refuse() {
    var writer = ByteWriter()
    writer.write(UInt8(11))
    writer.writeList(Array(repeating: Self.block, count: PBFTMessage.blocksMax + 1))
    let crowd = Self.forge.envelope(count: SignedEnvelope.requestsMax + 1)
    var header = Self.block.header
    header.requestCount = BlockHeader.requestsMax + 1
    var unordered = Self.forge.committed(Self.block.header)
    unordered.replicas.swapAt(0, 1)
    var twice = Self.forge.committed(Self.block.header)
    twice.replicas[1] = twice.replicas[0]
    var far = Self.forge.vote(.commit, Self.block.header, by: 1)
    far.place = BlockPlace(View(1 << 62 + 1), SequenceNumber(1))

    XCTAssertThrowsError(try PBFTMessage(decoding: writer.bytes))
    XCTAssertThrowsError(try SignedEnvelope(decoding: crowd.encoded()))
    XCTAssertNoThrow(try SignedEnvelope(decoding: Self.forge.envelope(count: 64).encoded()))
    XCTAssertThrowsError(try BlockHeader(decoding: header.encoded()))
    XCTAssertThrowsError(try CommitCertificate(decoding: unordered.encoded()))
    XCTAssertThrowsError(try CommitCertificate(decoding: twice.encoded()))
    XCTAssertThrowsError(try Vote(decoding: far.encoded()))
    XCTAssertThrowsError(try ReplicaNumber(decoding: [7]))
  }

  /// Every cut is refused, trailing bytes are refused, and a flipped bit is refused or gives
  /// another value, whose bytes are exactly those that were read.
  private func check<Value: WireCodable & Equatable>(_ name: String, _ value: Value) {
    let bytes = value.encoded()
    XCTAssertEqual(try Value(decoding: bytes), value, name)
    for size in 0..<bytes.count {
      XCTAssertThrowsError(try Value(decoding: Array(bytes[..<size])), "\(name) cut at \(size)")
    }
    XCTAssertThrowsError(try Value(decoding: bytes + [0]), "\(name) and a byte")
    for bit in 0..<bytes.count * 8 {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << (bit % 8)
      guard let other = try? Value(decoding: flipped) else { continue }
      if other == value || other.encoded() != flipped {
        return XCTFail("\(name), bit \(bit): a value has two forms")
      }
    }
  }
}
