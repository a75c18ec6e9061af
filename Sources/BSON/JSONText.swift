/// JSON of what is not a document.
package enum JSONText {
  /// A text as a JSON string, with its quotes.
  package static func quoted(_ text: String) -> String {
    var writer = JSONWriter(bytes: [])
    writer.quoted(Array(text.utf8))
    return String(decoding: writer.text, as: UTF8.self)
  }
}
