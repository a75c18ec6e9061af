/// The orders of a script, all read before the first is carried out.
struct DemoScript: Sendable {
  struct Line: Equatable, Sendable {
    let number: Int
    let text: String
    let order: DemoOrder
  }

  let path: String
  let lines: [Line]

  static func read(_ path: String) throws(CommandFailure) -> DemoScript {
    guard let text = try TextFile.read(path) else { throw .file(path, "no such file") }
    return try DemoScript(path: path, text: text)
  }

  init(path: String, text: String) throws(CommandFailure) {
    self.path = path
    var lines: [Line] = []
    for (offset, text) in text.lines.enumerated() {
      do {
        let order = try DemoOrder(String(text))
        guard order != .nothing else { continue }
        lines.append(Line(number: offset + 1, text: String(text), order: order))
      } catch {
        var failure = error
        failure.message = "\(path):\(offset + 1): \(failure.message)"
        throw failure
      }
    }
    self.lines = lines
  }
}
