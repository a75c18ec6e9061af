import Glibc
import Linearizability

/// The folder of a finished run.
package struct RunFolder: Sendable {
  private let path: String

  /// The folder at a path, which exists.
  package init(_ path: String) { self.path = path }

  /// Writes what is said of the run; the nodes' data stays only if something is wrong.
  package func write(_ report: RunReport) throws(HarnessError) {
    try write("verdicts.json", report.json.description + "\n")
    try write("index.html", ReportPage(report).html)
    guard report.result.word == "passed" else { return }
    for node in 1...report.result.plan.nodes { Folder.remove("\(path)/cluster/n\(node)") }
  }

  /// Writes a new file.
  package func write(_ name: String, _ text: String) throws(HarnessError) {
    let file = "\(path)/\(name)"
    // `open` reads the path up to its end and keeps nothing.
    let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .file(path: file, reason: SystemText.problem(errno)) }
    defer { close(descriptor) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      // `write` reads at most the slice's own bytes.
      let count = unsafe rest.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count > 0 else { throw .file(path: file, reason: SystemText.problem(errno)) }
      rest = rest.dropFirst(count)
    }
  }
}
