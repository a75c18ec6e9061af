/// A client's request on its way to a node.
struct ClientFrame {
  let client: Int
  let node: Int
  let bytes: [UInt8]
  /// The client's connection that carries it, and that the answer goes to.
  let connection: Int
  /// When it arrived.
  var arrivedAt: UInt64 = 0
}
