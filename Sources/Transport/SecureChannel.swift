/// What makes the bytes of one connection secret and shows who is on the other side.
///
/// It neither reads nor writes: bytes of the wire go in and come out here, plain bytes on the
/// owner's side. Lives on the loop's thread.
package protocol SecureChannel: AnyObject {
  /// Whether both sides have shown who they are; only then do plain bytes flow.
  var isEstablished: Bool { get }

  /// Begins: whoever connects speaks first.
  func begin() -> ChannelProgress

  /// Takes bytes of the wire and appends to `plain` what they say.
  func receive(_ wire: [UInt8], _ range: Range<Int>, into plain: inout [UInt8]) -> ChannelProgress

  /// Takes plain bytes, at best those of one record; they leave with the next `takeWire`.
  func send(_ plain: [UInt8], _ range: Range<Int>) -> ChannelProgress

  /// Says that nothing more will be sent.
  func finish()

  /// Appends to `wire` what is to be written to the socket.
  func takeWire(into wire: inout [UInt8])
}

/// How far a secure channel got.
package enum ChannelProgress: Equatable, Sendable {
  /// All is well.
  case well
  /// The other side has said that it will send nothing more.
  case ended
  /// The other side is not who it should be, or what it sent makes no sense.
  case failed(reason: String)
}
