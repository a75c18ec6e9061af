import Accountability
import Consensus
import PBFT
import Wire
import XCTest

/// What clients keep is judged alike by two verifiers that share no line of code.
final class ReceiptTests: XCTestCase {
  func test_receipt_whenOneHonestReplicaMustStandByIt_isProven() throws {
    let notary = try Notary()
    let second = try SecondVerifier(for: notary)
    defer { second.remove() }
    let receipt = receipt(by: notary)

    let verdict = try second.judge(receipt.encoded(), as: "put.receipt")

    XCTAssertNil(notary.authority.flaw(in: receipt))
    XCTAssertEqual(verdict.status, 0)
    XCTAssertEqual(verdict.fields["said"], "by  replica 0, node 10; replica 2, node 12")
  }

  func test_gathering_whenANodeSendsOthersWords_waitsForTheRightOnes() throws {
    let notary = try Notary()
    let sound = receipt(by: notary)
    let other = notary.request("other", sequence: 2)
    var gathering = ReceiptGathering(of: sound.request.key, by: notary.authority)
    for replica in [0, 1, 2] {
      let word = notary.word(other, result: "yes", by: replica)
      gathering.add(Receipt(request: other, result: Array("yes".utf8), words: [word]).encoded())
    }
    XCTAssertNil(gathering.receipt)

    for word in sound.words {
      gathering.add(Receipt(request: sound.request, result: sound.result, words: [word]).encoded())
    }

    XCTAssertEqual(gathering.receipt, sound)
  }

  func test_receipt_whenARetryAsked_isTheSame() throws {
    let notary = try Notary()
    var receipt = receipt(by: notary)
    receipt.request.answeredThrough += 1

    XCTAssertNil(notary.authority.flaw(in: receipt))
  }

  func test_receipt_whenItIsTamperedWith_bothVerifiersRefuseIt() throws {
    let notary = try Notary()
    let second = try SecondVerifier(for: notary)
    defer { second.remove() }
    let sound = receipt(by: notary)
    let words = { (result: String, replicas: [Int]) in
      replicas.map { notary.word(sound.request, result: result, by: $0) }
    }
    var forged = sound
    forged.words[1].replica = ReplicaNumber(3)
    let cases: [(ReceiptFlaw, Receipt)] = [
      (.otherResult, Receipt(request: sound.request, result: [1], words: sound.words)),
      (
        .otherRequest,
        Receipt(request: notary.request("b"), result: sound.result, words: sound.words)
      ),
      (
        .notEnough(1),
        Receipt(request: sound.request, result: sound.result, words: words("yes", [1]))
      ),
      (
        .notEnough(2),
        Receipt(request: sound.request, result: sound.result, words: words("yes", [1, 1]))
      ),
      (
        .wordsDiffer,
        Receipt(
          request: sound.request,
          result: sound.result,
          words: words("yes", [0]) + words("no", [1])
        )
      ),
      (.notSigned(ReplicaNumber(3)), forged),
    ]

    for (flaw, receipt) in cases {
      XCTAssertEqual(notary.authority.flaw(in: receipt), flaw)
      XCTAssertEqual(try second.judge(receipt.encoded(), as: "a.receipt").status, 9, "\(flaw)")
    }
    let cut = Array(sound.encoded().dropLast())
    XCTAssertNil(try? Receipt(decoding: cut))
    XCTAssertEqual(try second.judge(cut, as: "a.receipt").status, 2)
  }

  func test_node_whenAskedForAWriteThatItApplied_signsWhatBecameOfIt() throws {
    let node = try LoneNode()
    node.write(20)

    let old = try XCTUnwrap(node.receipt(of: 1))
    let new = try XCTUnwrap(node.receipt(of: 20))

    XCTAssertNil(node.authority.flaw(in: old))
    XCTAssertNil(node.authority.flaw(in: new))
    XCTAssertEqual(new.words[0].fact.index, LogIndex(22))
    XCTAssertEqual(new.words[0].fact.sequenceNumber, SequenceNumber(21))
    XCTAssertNil(node.receipt(of: 21))
  }

  private func receipt(by notary: Notary) -> Receipt {
    let request = notary.request()
    return Receipt(
      request: request,
      result: Array("yes".utf8),
      words: [0, 2].map { notary.word(request, result: "yes", by: $0) }
    )
  }
}
