import Wire
import XCTest

@testable import Consensus

final class ConsensusWireTests: XCTestCase {
  private let configuration = ClusterConfiguration(
    seats: [
      .init(
        member: Member(id: NodeID(2), incarnation: Incarnation(22)),
        clientAddress: "b:1",
        peerAddress: "b:2"
      ),
      .init(
        member: Member(id: NodeID(1), incarnation: Incarnation(11)),
        clientAddress: "a:1",
        peerAddress: "a:2"
      ),
    ],
    sessionTimeoutMicroseconds: 7,
    sessionsMax: 9
  )

  private var changing: ClusterConfiguration {
    var changing = configuration
    changing.learners = [
      .init(seat: seat(5, "e"), promotesItself: true, replaces: NodeID(2))
    ]
    changing.outgoing = [configuration.seats[0], seat(4, "d")]
    return changing
  }

  private func seat(_ id: UInt32, _ host: String) -> ClusterConfiguration.Seat {
    ClusterConfiguration.Seat(
      member: Member(id: NodeID(id), incarnation: Incarnation(UInt64(id) * 11)),
      clientAddress: "\(host):1",
      peerAddress: "\(host):2"
    )
  }

  func test_configuration_whenEncoded_comesBackInOrderOfNode() throws {
    let back = try ClusterConfiguration(decoding: configuration.encoded())

    XCTAssertEqual(back, configuration)
    XCTAssertEqual(back.seats.map(\.member.id), [NodeID(1), NodeID(2)])
    XCTAssertEqual(back.seat(of: NodeID(2))?.peerAddress, "b:2")
    XCTAssertNil(back.seat(of: NodeID(3)))
  }

  func test_configuration_whenMembersChange_comesBackInVersionTwo() throws {
    let golden =
      "020007000000000000000900000002000000010000000b000000000000000300613a3103"
      + "00613a320200000016000000000000000300623a310300623a3201000000050000003700"
      + "0000000000000300653a310300653a32010200000002000000010000000b000000000000"
      + "000300613a310300613a32040000002c000000000000000300643a310300643a32"
    let bytes = changing.encoded()

    XCTAssertEqual(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(), golden)
    XCTAssertEqual(try ClusterConfiguration(decoding: bytes), changing)
    XCTAssertEqual(changing.everybody.map(\.member.id.rawValue), [1, 2, 4, 5])
    XCTAssertEqual(changing.seat(of: NodeID(5))?.peerAddress, "e:2")
  }

  func test_configuration_whenItHasAnotherForm_isRefused() {
    var bytes = configuration.encoded() + [0, 0, 0, 0, 0, 0, 0, 0]
    bytes[0] = 2

    XCTAssertThrowsError(try ClusterConfiguration(decoding: bytes))
  }

  func test_configuration_whenOfAnUnknownVersion_namesIt() {
    var bytes = configuration.encoded()
    bytes[0] = 9

    XCTAssertThrowsError(try ClusterConfiguration(decoding: bytes)) { error in
      XCTAssertEqual(
        error as? WireError,
        .unsupportedVersion(9, what: "cluster configuration")
      )
    }
  }

  func test_request_whenEncoded_comesBack() throws {
    for kind: ClientRequest.Kind in [.write, .register, .seal, .close] {
      let request = ClientRequest(
        kind,
        session: 1,
        sequence: 2,
        answeredThrough: 3,
        command: [4, 5]
      )

      XCTAssertEqual(try ClientRequest(decoding: request.encoded()), request)
      XCTAssertEqual(try RequestKey(decoding: request.key.encoded()), request.key)
    }
  }

  func test_refusals_whenEncoded_comeBack() throws {
    let all: [Refusal] = [
      .notLeader(leader: nil), .notLeader(leader: NodeID(3)), .leadershipLost,
      .transferInProgress, .overloaded, .diskFull, .noLeader, .sessionExpired, .sequenceAnswered,
      .sequencePastWindow, .sequenceSealed, .tooManySessions, .tooStale, .transferFailed,
      .deadlinePassed, .statesDiffer, .fenced, .changeInProgress, .leaderUnsettled, .memberUnknown,
      .memberExists, .membersOutOfBounds, .quorumWouldBeLost, .learnerBehind,
      .notOfferedByAll,
    ]

    for refusal in all {
      XCTAssertEqual(try Refusal(decoding: refusal.encoded()), refusal)
    }
    XCTAssertThrowsError(try Refusal(decoding: [200]))
  }

  func test_decoders_whenCutOffOrFlipped_throwAndNeverTrap() {
    let request = ClientRequest(.write, session: 1, sequence: 2, command: [1, 2, 3])

    damage(changing)
    damage(configuration)
    damage(request)
  }

  /// Cuts every byte off and flips every bit; what is cut off must be refused, and what is taken
  /// has been read to its last byte.
  ///
  /// Seats are sorted when they are read, so that other bytes may stand for the same value.
  private func damage<Value: WireCodable & Equatable>(_ value: Value) {
    let bytes = value.encoded()
    for end in 0..<bytes.count {
      XCTAssertNil(try? Value(decoding: Array(bytes[..<end])))
    }
    var taken = 0
    for bit in 0..<bytes.count * 8 {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << (bit % 8)
      guard let read = try? Value(decoding: flipped) else { continue }
      taken += 1
      XCTAssertNotEqual(read, value)
      XCTAssertEqual(read.encoded().count, flipped.count)
      XCTAssertEqual(read.encoded().sorted(), flipped.sorted())
      XCTAssertEqual(try Value(decoding: read.encoded()), read)
    }
    XCTAssertGreaterThan(taken, 0)
  }

  func test_digest_whenBytesMoveAcrossABoundary_differs() {
    var left = StateDigest()
    left.fold([1, 2])
    left.fold([3])
    var right = StateDigest()
    right.fold([1])
    right.fold([2, 3])

    XCTAssertNotEqual(left.value, right.value)
  }
}
