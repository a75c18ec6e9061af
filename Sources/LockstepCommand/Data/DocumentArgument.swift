import BSON
import ClientProtocol
import Glibc
import LockstepClient

/// Ids and documents as they stand on a command line.
enum DocumentArgument {
  /// A whole number is a number, what begins with a quote or a brace is JSON, all else is text.
  static func id(_ word: String) throws(CommandFailure) -> DocumentID {
    if let number = Int(word), String(number) == word { return DocumentID(number) }
    guard word.hasPrefix("{") || word.hasPrefix("\"") else { return DocumentID(word) }
    do {
      return try DocumentID(try JSON(parsing: word))
    } catch {
      throw CommandFailure(error)
    }
  }

  /// A document as an argument; `-`, or nothing at all, is standard input.
  static func document(_ word: String?) throws(CommandFailure) -> JSON {
    let bytes: [UInt8]
    if let word, word != "-" { bytes = Array(word.utf8) } else { bytes = try standardInput() }
    return try parse(bytes, place: "the document", firstLine: 1)
  }

  /// Everything on standard input, byte for byte.
  static func standardInput() throws(CommandFailure) -> [UInt8] {
    guard isatty(STDIN_FILENO) == 0 else {
      throw .usage("nothing is given", hint: "give it as an argument, or pipe it in")
    }
    var reader = try LineReader("-")
    return try reader.rest()
  }

  /// Reads one JSON document; an error counts lines from `firstLine`.
  static func parse(
    _ bytes: [UInt8],
    place: String,
    firstLine: Int
  ) throws(CommandFailure) -> JSON {
    do {
      _ = try BSONDocument(json: bytes)
    } catch {
      let (code, message) = sentence(error, firstLine: firstLine)
      throw CommandFailure(code, "\(place): \(message)")
    }
    do {
      return try JSON(parsing: bytes)
    } catch {
      throw CommandFailure(error)
    }
  }

  private static func sentence(
    _ error: BSONError,
    firstLine: Int
  ) -> (code: ErrorCode, message: String) {
    switch error {
    case .malformedJSON(let line, let column, let expected, let found):
      let moved = BSONError.malformedJSON(
        line: line + firstLine - 1,
        column: column,
        expected: expected,
        found: found
      )
      return (.invalidJSON, "\(moved)")
    case .duplicateField(let name, let place):
      return (.duplicateField, "\(BSONError.duplicateField(name: name, at: place.down(firstLine)))")
    case .nestingTooDeep(let max, let place):
      return (.nestingTooDeep, "\(BSONError.nestingTooDeep(max: max, at: place.down(firstLine)))")
    case .numberOutOfRange(let text, let place):
      let moved = BSONError.numberOutOfRange(literal: text, at: place.down(firstLine))
      return (.numberOutOfRange, "\(moved)")
    case .documentTooLarge:
      return (.documentTooLarge, "\(error)" + (firstLine > 1 ? ", at line \(firstLine)" : ""))
    case .malformedBSON, .unsupportedType, .invalidFieldName:
      return (.invalidDocument, "\(error)" + (firstLine > 1 ? ", at line \(firstLine)" : ""))
    }
  }
}

extension BSONPlace {
  /// The same place in a file in which the text begins at this line.
  fileprivate func down(_ firstLine: Int) -> BSONPlace {
    switch self {
    case .text(let line, let column): .text(line: line + firstLine - 1, column: column)
    case .offset: self
    }
  }
}
