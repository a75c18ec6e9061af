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
    while let line = try nextLine(of: &lines) {
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

  private static func lines(of path: String) throws(CommandFailure) -> LineReader {
    do {
      return try LineReader(path)
    } catch {
      throw wrong(error)
    }
  }

  private static func nextLine(of lines: inout LineReader) throws(CommandFailure) -> [UInt8]? {
    do {
      return try lines.next()
    } catch {
      throw wrong(error)
    }
  }

  /// A file that is not there, or a folder, is as wrong as one that is no history.
  private static func wrong(_ failure: CommandFailure) -> CommandFailure {
    var failure = failure
    failure.exitCode = .usage
    return failure
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
