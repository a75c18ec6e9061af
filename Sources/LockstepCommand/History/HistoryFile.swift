import ClientProtocol
import Linearizability
import Transport

/// Reads a history from a file.
enum HistoryFile {
  /// Bytes are read line by line; the bar is looked after once in so many lines.
  private static let stride = 1_024

  static func read(
    _ path: String,
    for model: HistoryModel,
    isIndependent: Bool = false,
    _ invocation: Invocation
  ) throws(CommandFailure) -> History {
    var lines = try lines(of: path)
    var reader = HistoryReader()
    var history = History(for: model, isIndependent: isIndependent)
    var progress = Progress(total: lines.fileSize, invocation)
    let began = MonotonicClock.now()
    var size = 0
    while let line = try lines.next() {
      size += line.count + 1
      do {
        for event in try reader.read(line + [UInt8(ascii: "\n")]) { try history.add(event) }
      } catch {
        throw failure(path, error)
      }
      guard lines.line % stride == 0 else { continue }
      progress.show(
        done: size,
        items: lines.line,
        atMicroseconds: Int(MonotonicClock.now() - began)
      )
    }
    do {
      for event in try reader.finish() { try history.add(event) }
    } catch {
      throw failure(path, error)
    }
    progress.finish()
    return history
  }

  /// A file that is not there is as wrong as one that is no history.
  private static func lines(of path: String) throws(CommandFailure) -> LineReader {
    do {
      return try LineReader(path)
    } catch {
      var failure = error
      failure.exitCode = .usage
      throw failure
    }
  }

  private static func failure(_ path: String, _ error: HistoryError) -> CommandFailure {
    CommandFailure(
      exitCode: .usage,
      code: "bad_history",
      message: "\(path), \(error)",
      hint: "lockstep help history check; the format is in docs/formats/history.md"
    )
  }
}
