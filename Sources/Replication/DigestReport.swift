/// What a node tells the others, at the pace of heartbeats, of the results it came to.
package struct DigestReport: Equatable, Sendable {
  /// As many marks as a node can have: the ends of stretches, and three newer entries.
  static let marksMax = StretchMarks.countMax + 3

  /// How often the node's directory was opened: a later life replays the log and starts over.
  package var boot: UInt64
  /// Where it stands and where it stood, in order of index, each index once.
  package var marks: [DigestMark]

  package init(boot: UInt64, marks: [DigestMark]) {
    self.boot = boot
    self.marks = marks
  }
}
