/// A row of the table: one word that stands for itself, by its place.
struct Argument: Sendable {
  enum Presence: Sendable {
    case required
    case optional
    /// One or more; only ever the last.
    case repeated
  }

  let name: String
  let summary: String
  let presence: Presence

  init(_ name: String, _ summary: String, _ presence: Presence = .required) {
    self.name = name
    self.summary = summary
    self.presence = presence
  }

  /// `NAME`, `[NAME]` or `NAME…`, as help shows it.
  var usage: String {
    switch presence {
    case .required: name
    case .optional: "[\(name)]"
    case .repeated: "\(name)…"
    }
  }
}
