package import Wire

/// What a journal says of its member's admission, and of what the other members have shown.
///
/// The newest record says all of it.
package struct AdmissionRecord: Hashable, Sendable {
  /// How far the member had come.
  package enum Progress: UInt8, Sendable {
    /// Admitted: what was written since is as good as what came before.
    case admitted = 0
    /// Started, on a directory that was admitted before or belongs to a new member.
    case waiting = 1
    /// Started, on a directory made from a genesis file and never admitted.
    case waitingAnew = 2
    /// Refused, as one who has lost some of what it had shown, or cannot show that it has not.
    case rolledBack = 3
    /// Refused, as another directory than the one that the others know.
    case remade = 4
  }

  /// How far the member had come.
  package var progress: Progress
  /// Drawn when the directory was first started.
  package var directory: UInt64
  /// The journal's end at the first start since the member was last admitted.
  package var start: UInt64
  /// What the others have shown, the newest of each.
  package var memory: [Showing]

  package init(progress: Progress, directory: UInt64, start: UInt64, memory: [Showing]) {
    self.progress = progress
    self.directory = directory
    self.start = start
    self.memory = memory
  }
}

// An admission record is: progress 1, directory 8, start 8, a 32-bit count of showings, and these.
extension AdmissionRecord: WireCodable {
  /// Writes progress, directory, start and memory.
  package func encode(into writer: inout ByteWriter) {
    writer.write(progress.rawValue)
    writer.write(directory)
    writer.write(start)
    writer.write(memory)
  }

  /// Reads a record.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    guard let progress = Progress(rawValue: try reader.read()) else {
      throw .badValue("admission", offset: offset)
    }
    self.progress = progress
    directory = try reader.read()
    start = try reader.read()
    memory = try reader.readShowings()
  }
}
