import CSystem
import Glibc

/// A program that was started by this one and cannot outlive it.
package final class ChildProcess {
  /// Where the words of a child go.
  package enum Stream: Sendable {
    /// To the end of a file, which is made if need be.
    case file(String)
    /// To this process's own standard output or error.
    case inherited
  }

  /// How a child ended.
  package enum End: Equatable, Sendable {
    /// By itself, with this status.
    case exited(Int32)
    /// By this signal.
    case signalled(Int32)
  }

  /// The process's number.
  package let id: Int32

  /// Kept, because the system tells it only once.
  private var end: End?

  /// Starts a program in a process group of its own.
  ///
  /// - Throws: `HarnessError.cannotStart` with the system's reason.
  package init(
    _ path: String,
    _ arguments: [String],
    output: Stream = .inherited,
    errors: Stream = .inherited
  ) throws(HarnessError) {
    let out = try Self.descriptor(of: output, own: STDOUT_FILENO)
    defer { Self.close(out, of: output) }
    let err = try Self.descriptor(of: errors, own: STDERR_FILENO)
    defer { Self.close(err, of: errors) }
    let result = Self.spawn([path] + arguments, out, err)
    guard result > 0 else {
      throw .cannotStart(program: path, reason: SystemText.problem(-result))
    }
    id = result
  }

  /// Sends a signal; a child that is gone already gets none.
  package func signal(_ number: Int32) {
    if end == nil { kill(id, number) }
  }

  /// How the child ended, nil while it runs.
  package func endIfAny() -> End? {
    if end == nil { end = ask(options: WNOHANG) }
    return end
  }

  /// Waits for the child to end; this blocks.
  package func waitForEnd() -> End {
    while true {
      if let end { return end }
      end = ask(options: 0)
    }
  }

  private func ask(options: Int32) -> End? {
    var status: Int32 = 0
    // `waitpid` writes the one integer whose address it is given.
    guard unsafe waitpid(id, &status, options) == id else { return nil }
    let signal = status & 0x7F
    return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
  }

  private static func spawn(_ words: [String], _ output: Int32, _ errors: Int32) -> Int32 {
    // The copies and the list, which ends with a null pointer, live until the call returns.
    var copies = unsafe words.map { unsafe strdup($0) }
    defer { unsafe copies.forEach { unsafe free($0) } }
    unsafe copies.append(nil)
    return unsafe lockstep_spawn(copies[0], copies, output, errors)
  }

  private static func descriptor(of stream: Stream, own: Int32) throws(HarnessError) -> Int32 {
    guard case .file(let path) = stream else { return own }
    // `open` reads the path up to its end and keeps nothing.
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .file(path: path, reason: SystemText.problem(errno)) }
    return descriptor
  }

  private static func close(_ descriptor: Int32, of stream: Stream) {
    if case .file = stream { Glibc.close(descriptor) }
  }
}
