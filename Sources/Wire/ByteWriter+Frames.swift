extension ByteWriter {
  /// Writes a frame; the payload is written in place by the closure, never copied.
  ///
  /// Length and checksum are put in afterwards. The caller keeps payloads under the frame limit.
  @inlinable
  package mutating func writeFrame(
    _ head: FrameHead,
    payload: (inout ByteWriter) -> Void
  ) {
    let start = beginFrame(head)
    payload(&self)
    finishFrame(from: start)
  }

  /// Writes header and extensions, and returns where the frame starts.
  @usableFromInline
  mutating func beginFrame(_ head: FrameHead) -> Int {
    let start = count
    write(UInt64(0))  // Length and checksum: known when the frame is finished.
    write(Frame.version)
    write(head.kind)
    write(head.flags.rawValue)
    write(UInt8(0))
    write(head.requestID)
    if head.deadlineMilliseconds != nil || head.traceID != nil {
      writeExtensions(of: head, frameStart: start)
    }
    return start
  }

  /// Puts in length and checksum of the frame that starts at `start` and ends here.
  @usableFromInline
  mutating func finishFrame(from start: Int) {
    overwrite(UInt32(count - start - Frame.lengthFieldSize), at: start)
    let checksum = Frame.checksum(of: storage, start..<count)
    overwrite(checksum, at: start + Frame.Offset.checksum)
  }

  private mutating func writeExtensions(of head: FrameHead, frameStart: Int) {
    let first = count
    if let deadline = head.deadlineMilliseconds {
      write(Frame.ExtensionType.deadline)
      write(UInt8(4))
      write(deadline)
    }
    if let trace = head.traceID {
      write(Frame.ExtensionType.trace)
      write(UInt8(16))
      write(trace.high)
      write(trace.low)
    }
    while (count - first) % Frame.extensionWordSize != 0 {
      write(Frame.ExtensionType.padding)
    }
    let words = UInt8((count - first) / Frame.extensionWordSize)
    overwrite(words, at: frameStart + Frame.Offset.extensionWords)
  }
}
