/// The accidents that frames meet with on a link.
package struct LinkFaults: Equatable, Sendable {
  /// Nothing arrives; what is under way waits.
  package var isCut = false
  /// The median of what each frame arrives late; a few arrive very late.
  package var delayMilliseconds = 0
  /// How many frames of a hundred are lost.
  package var lossPercent = 0
  /// How many arrive twice.
  package var duplicatePercent = 0
  /// In how many a bit is flipped.
  package var corruptPercent = 0
  /// In how many the connection ends.
  package var truncatePercent = 0
  /// How many are followed by an old one.
  package var replayPercent = 0
  /// What is taken in a second at most; 0 is no limit.
  package var bytesPerSecond = 0

  /// A link on which all is well.
  package init() {}
}
