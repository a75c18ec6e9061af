import Accountability
import Consensus
import PBFT
import Wire
import XCTest

/// Two verifiers that share no line of code judge the same files, signed with real keys.
final class EvidenceReportTests: XCTestCase {
  func test_evidence_whenItConvicts_bothVerifiersNameTheSame() throws {
    let notary = try Notary()
    let second = try SecondVerifier(for: notary)
    defer { second.remove() }

    for proof in Proofs(by: notary).convicting {
      let report = EvidenceReport(on: proof.evidence, by: notary.authority)
      let verdict = try second.judge(proof.evidence.encoded())

      XCTAssertEqual(report.culprit, proof.culprit, proof.name)
      XCTAssertEqual(report.code, proof.name)
      XCTAssertFalse(report.differences.isEmpty, proof.name)
      XCTAssertEqual(verdict.status, 0, proof.name)
      XCTAssertEqual(verdict.fields["verdict"], "proven", proof.name)
      XCTAssertEqual(verdict.fields["kind"], proof.name)
      XCTAssertEqual(verdict.fields["id"], "\(report.id)", proof.name)
      XCTAssertEqual(verdict.fields["culprit"], proof.culprit.map(Self.name), proof.name)
    }
  }

  func test_evidence_whenItConvictsNobody_bothVerifiersSaySo() throws {
    let notary = try Notary()
    let second = try SecondVerifier(for: notary)
    defer { second.remove() }

    for claim in Proofs(by: notary).harmless {
      let report = EvidenceReport(on: claim.evidence, by: notary.authority)
      let verdict = try second.judge(claim.evidence.encoded())

      XCTAssertNil(report.culprit, "\(claim.evidence)")
      XCTAssertNotNil(report.flaw)
      XCTAssertEqual(verdict.status, 9, "\(claim.evidence)")
      XCTAssertEqual(verdict.fields["culprit"], "nobody")
      XCTAssertNotNil(verdict.fields["reason"], "\(claim.evidence)")
    }
  }

  func test_evidence_whenABitIsFlipped_bothVerifiersRefuseItAlike() throws {
    let notary = try Notary()
    let second = try SecondVerifier(for: notary)
    defer { second.remove() }
    var random = RandomSource(seed: 12)

    for proof in Proofs(by: notary).convicting {
      let bytes = proof.evidence.encoded()
      for _ in 0..<2 {
        let bit = random.number(below: 8 * bytes.count)
        var tampered = bytes
        tampered[bit / 8] ^= 1 << (bit % 8)
        let evidence = try? Evidence(decoding: tampered)
        let culprit = evidence.flatMap { notary.authority.culprit(of: $0) }

        let verdict = try second.judge(tampered)

        XCTAssertNil(culprit, "\(proof.name), bit \(bit)")
        XCTAssertEqual(verdict.status, evidence == nil ? 2 : 9, "\(proof.name), bit \(bit)")
        XCTAssertNotNil(verdict.fields["reason"], "\(proof.name), bit \(bit)")
      }
    }
  }

  func test_evidence_whenItIsOfAnotherCluster_convictsNobody() throws {
    let notary = try Notary()
    let another = Authority(
      cluster: ClusterID(high: 7, low: 7),
      replicas: notary.authority.replicas,
      clients: notary.authority.clients,
      verifier: notary.authority.verifier,
      digester: notary.authority.digester
    )

    for proof in Proofs(by: notary).convicting {
      // A new view is bad everywhere, but signed nowhere else.
      XCTAssertNil(EvidenceReport(on: proof.evidence, by: another).culprit, proof.name)
    }
  }

  private static func name(of culprit: Culprit) -> String {
    switch culprit {
    case .replica(let number): "replica \(number.rawValue), node \(number.rawValue + 10)"
    case .client(let key): "client \(key)"
    }
  }
}
