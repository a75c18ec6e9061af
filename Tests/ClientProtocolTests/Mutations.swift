import Foundation
import Wire

@testable import ClientProtocol

/// Chance for tests, the same for the same seed (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Damages valid frames in ways that a checksum would not catch.
struct Mutations {
  private var random: SplitMix
  private let frames = Samples.frames.map(\.bytes)

  init(seed: UInt64) {
    random = SplitMix(seed: seed)
  }

  /// A damaged frame whose length and checksum are right again.
  mutating func next() -> [UInt8] {
    var frame = frames.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      mutate(&frame)
    }
    Self.seal(&frame)
    return frame
  }

  /// Makes length and checksum right for the bytes as they are.
  static func seal(_ frame: inout [UInt8]) {
    while frame.count < Frame.headerSize { frame.append(0) }
    var writer = ByteWriter(continuing: frame)
    writer.overwrite(UInt32(frame.count - 4), at: 0)
    let length = CRC32C.checksum(writer.bytes, 0..<4)
    let checksum = CRC32C.checksum(writer.bytes, 8..<frame.count, continuing: length)
    writer.overwrite(checksum, at: 4)
    frame = writer.bytes
  }

  private mutating func mutate(_ frame: inout [UInt8]) {
    // Mostly behind the fixed header, where the payload decoders live.
    let first = Int.random(in: 0..<10, using: &random) == 0 ? 8 : Frame.headerSize
    guard frame.count > first else { return frame.append(7) }
    let place = Int.random(in: first..<frame.count, using: &random)
    switch Int.random(in: 0..<7, using: &random) {
    case 0: frame[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: frame[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
    case 2: frame.remove(at: place)
    case 3: frame.insert(.random(in: 0...255, using: &random), at: place)
    case 4: frame.removeSubrange(place...)
    case 5:
      for offset in place..<min(place + 4, frame.count) { frame[offset] = 0xFF }
    default:
      let other = frames.randomElement(using: &random) ?? []
      frame.replaceSubrange(place..., with: other.dropFirst(Frame.headerSize))
    }
  }
}

/// What became of some bytes.
enum Verdict {
  case refusedAsFrame
  /// A payload decoder saw it; the sizes are those of what it made of it, re-encoded.
  case reachedPayload(encodedSize: Int)
}

/// Reads bytes as a node and a client would, down to the innermost decoder.
func readEverything(_ bytes: [UInt8]) -> Verdict {
  let reader = FrameReader(sizeMax: Limits.frameSizeMax)
  guard let found = try? reader.next(in: bytes, 0..<bytes.count), let frame = found as FrameView?
  else { return .refusedAsFrame }
  var size = 0
  if let request = try? Request(in: bytes, frame) {
    size += Samples.frame { request.writeFrame(into: &$0, requestID: 0) }.count
    switch request {
    case .write(let write): size += sizeOf(Command.self, write.command.array)
    case .read(let read): size += sizeOf(Query.self, read.query)
    case .openSession, .closeSession, .outcome, .credit, .cancel, .status, .transferLeader,
      .changeMembers, .ping:
      break
    }
  }
  if let reply = try? Reply(in: bytes, frame) {
    size += Samples.frame { reply.writeFrame(into: &$0, requestID: 0) }.count
    switch reply.body {
    case .result(let result), .outcome(.committed(let result)):
      size += sizeOf(CommandReply.self, result) + sizeOf(QueryReply.self, result)
    case .error, .session, .outcome, .status, .done: break
    }
  }
  let payload = Array(bytes[frame.payload])
  switch FrameKind(rawValue: frame.head.kind) {
  case .hello: size += sizeOf(Hello.self, payload)
  case .helloAck: size += sizeOf(HelloAck.self, payload)
  default: break
  }
  return .reachedPayload(encodedSize: size)
}

private func sizeOf<Value: WireCodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Int {
  (try? Value(decoding: bytes))?.encoded().count ?? 0
}
