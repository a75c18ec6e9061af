import Transport
import Wire

/// Cuts received bytes into frames.
enum FrameLoop {
  /// Calls `body` with each whole frame, as long as the connection is open and read.
  ///
  /// - Returns: How many bytes were consumed.
  /// - Throws: What makes the bytes no frames, or what `body` finds wrong with one.
  static func forEachFrame(
    in bytes: [UInt8],
    _ range: Range<Int>,
    of connection: Connection,
    sizeMax: Int,
    _ body: (FrameView) throws(WireError) -> Void
  ) throws(WireError) -> Int {
    let reader = FrameReader(sizeMax: sizeMax)
    var offset = range.lowerBound
    while connection.isOpen, !connection.isReadingPaused,
      let frame = try reader.next(in: bytes, offset..<range.upperBound)
    {
      try body(frame)
      offset = frame.end
    }
    return offset - range.lowerBound
  }
}
