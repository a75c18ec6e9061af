import CSystem
import Glibc

/// A program that was started by this one and cannot outlive it.
package final class ChildProcess {
  /// Where the words of a child go.
  package enum Stream: Sendable {
    /// To the end of a file, which is made if need be.
    case file(String)
    /// Into a file from its beginning, which is made if need be.
    case emptiedFile(String)
    /// To this process's own standard output or error.
    case inherited
  }

  /// Which of this process's settings a child has: flags from the environment or a file.
  package enum Settings: Sendable {
    /// All that are in the environment.
    case inherited
    /// Only those on its command line.
    case none
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
    errors: Stream = .inherited,
    settings: Settings = .inherited
  ) throws(HarnessError) {
    let out = try Self.descriptor(of: output, own: STDOUT_FILENO)
    defer { Self.close(out, of: output) }
    let err = try Self.descriptor(of: errors, own: STDERR_FILENO)
    defer { Self.close(err, of: errors) }
    let result = Self.spawn([path] + arguments, out, err, settings)
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

  private static func spawn(
    _ words: [String],
    _ output: Int32,
    _ errors: Int32,
    _ settings: Settings
  ) -> Int32 {
    // The copies and the list, which ends with a null pointer, live until the call returns.
    var copies = unsafe words.map { unsafe strdup($0) }
    defer { unsafe copies.forEach { unsafe free($0) } }
    unsafe copies.append(nil)
    guard settings == .none else { return unsafe lockstep_spawn(copies, nil, output, errors) }
    // So does the file's name; the other variables are this process's own.
    let noFile = unsafe strdup("LOCKSTEP_CONFIG=/dev/null")
    defer { unsafe free(noFile) }
    return unsafe lockstep_spawn(copies, otherVariables() + [noFile, nil], output, errors)
  }

  /// This process's variables but for those that give flags of `lockstep` their values.
  private static func otherVariables() -> [UnsafeMutablePointer<CChar>?] {
    var kept: [UnsafeMutablePointer<CChar>?] = unsafe []
    // `environ` ends with a null pointer, and nobody changes the environment while this reads.
    var entry = unsafe environ
    while let variable = unsafe entry.pointee {
      // What `tools/convict` plants is told like this, and is no flag.
      let isPlanted = unsafe strncmp(variable, "LOCKSTEP_PLANTED_BUG=", 21) == 0
      let isSetting = unsafe strncmp(variable, "LOCKSTEP_", 9) == 0
      if isPlanted || !isSetting { unsafe kept.append(variable) }
      unsafe entry += 1
    }
    return unsafe kept
  }

  private static func descriptor(of stream: Stream, own: Int32) throws(HarnessError) -> Int32 {
    let (path, way): (String, Int32)
    switch stream {
    case .file(let file): (path, way) = (file, O_APPEND)
    // A pipe that nobody reads must not keep us waiting for ever.
    case .emptiedFile(let file): (path, way) = (file, O_TRUNC | O_NONBLOCK)
    case .inherited: return own
    }
    // `open` reads the path up to its end and keeps nothing.
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | way | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .file(path: path, reason: SystemText.problem(errno)) }
    // The process that writes there need know nothing of that.
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    return descriptor
  }

  private static func close(_ descriptor: Int32, of stream: Stream) {
    if case .inherited = stream { return }
    Glibc.close(descriptor)
  }
}
