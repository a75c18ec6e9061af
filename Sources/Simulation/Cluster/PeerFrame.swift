import Consensus

/// A frame on its way from one node to another.
struct PeerFrame {
  let from: Int
  let to: Int
  /// Who the two were when it was sent: a node may come back as another member.
  let sender: Member
  let recipient: Member
  var bytes: [UInt8]
  /// The connection that carries it; nil for a frame of the past, which comes from nowhere.
  ///
  /// What was on a connection when it broke never arrives.
  var connection: Int?
  /// Which life of the recipient its connection was made with, where nodes are of several builds.
  var recipientBoot: UInt64?
  /// Whether it has arrived before.
  var isOfThePast = false
  /// What happened to its bytes.
  var damage = Damage.none

  /// How a frame can be damaged.
  enum Damage {
    case none
    /// Some bytes were changed (N2).
    case changed
    /// The stream ended within it (N3).
    case cutOff
  }
}
