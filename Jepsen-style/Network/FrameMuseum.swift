import Consensus

/// Frames that passed a link, to be shown again.
///
/// A member's messages are believed on the strength of its handshake. A directory that was made
/// anew is another member, and no network can bring what was said to or by the former one: then
/// the museum is emptied.
struct FrameMuseum {
  private static let countMax = 64
  private static let frameSizeMax = 64 << 10
  private static let kindPlace = 9
  private static let messageKind: UInt8 = 96
  private static let helloKind: UInt8 = 1
  private static let helloAckKind: UInt8 = 2
  /// Where incarnations stand in a hello and in a helloAck without extensions.
  private static let helloIncarnation = 45..<53
  private static let ackIncarnation = 46..<54

  private var frames: [[UInt8]] = []
  private var caller: [UInt8] = []
  private var callee: [UInt8] = []

  /// Takes note of a frame on its way.
  mutating func note(_ frame: [UInt8], _ random: inout RandomSource) {
    guard frame.count > Self.kindPlace else { return }
    switch frame[Self.kindPlace] {
    case Self.helloKind: see(frame, Self.helloIncarnation, as: \.caller)
    case Self.helloAckKind: see(frame, Self.ackIncarnation, as: \.callee)
    case Self.messageKind where frame.count <= Self.frameSizeMax: keep(frame, &random)
    default: break
    }
  }

  /// An old frame, if there is one.
  func any(_ random: inout RandomSource) -> [UInt8]? {
    frames.isEmpty ? nil : frames[random.number(below: frames.count)]
  }

  private mutating func see(
    _ frame: [UInt8],
    _ place: Range<Int>,
    as side: WritableKeyPath<FrameMuseum, [UInt8]>
  ) {
    guard frame.count >= place.upperBound else { return }
    let incarnation = Array(frame[place])
    if self[keyPath: side] != incarnation { frames = [] }
    self[keyPath: side] = incarnation
  }

  /// Once there is no room, one in eight takes the place of another, so that old ones stay.
  private mutating func keep(_ frame: [UInt8], _ random: inout RandomSource) {
    if frames.count < Self.countMax {
      frames.append(frame)
    } else if random.oneIn(8) {
      frames[random.number(below: frames.count)] = frame
    }
  }
}
