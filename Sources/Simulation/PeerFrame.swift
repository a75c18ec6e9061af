/// A frame on its way from one node to another.
struct PeerFrame {
  let from: Int
  let to: Int
  let bytes: [UInt8]
  /// The connection that carries it; nil for a frame of the past, which comes from nowhere.
  ///
  /// What was on a connection when it broke never arrives.
  let connection: Int?
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
