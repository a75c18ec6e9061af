import BSON
import ClientProtocol

/// Turns Swift values into documents and back.
enum DocumentCoding {
  /// The field where a document shows its id when it is printed; it is never stored.
  static let idField = "_id"

  /// A value as a document, and the id it carries in `_id`, if any.
  static func encode(
    _ value: some Encodable
  ) throws(LockstepError) -> (id: DocumentID?, document: BSONDocument) {
    guard case .document(let document) = try encodeValue(value) else {
      throw LockstepError(.encodingFailed, "\(type(of: value)) is no document: it has no fields")
    }
    guard let id = document[idField] else { return (nil, document) }
    do {
      var builder = BSONBuilder()
      builder.append(fieldsOf: document, except: idField)
      return (try DocumentID(id), try builder.finish())
    } catch let error as BSONError {
      throw LockstepError(error)
    } catch let error as LockstepError {
      throw error
    } catch {
      throw LockstepError(.encodingFailed, "\(error)")
    }
  }

  /// A value of any kind.
  static func encodeValue(_ value: some Encodable) throws(LockstepError) -> BSONValue {
    if let json = value as? JSON { return json.value }
    do {
      return try EncodingNode.encode(value, at: []).finished()
    } catch let error as BSONError {
      throw LockstepError(error)
    } catch let error as LockstepError {
      throw error
    } catch {
      var failure = LockstepError(.encodingFailed, "cannot encode \(type(of: value)): \(error)")
      failure.underlying = error
      throw failure
    }
  }

  /// The value of a document; a type that asks for `_id` finds the id there.
  static func decode<Value: Decodable>(
    _ type: Value.Type,
    _ bytes: [UInt8],
    id: DocumentID
  ) throws(LockstepError) -> Value {
    let document: BSONDocument
    do {
      document = try BSONDocument(validating: bytes)
    } catch {
      throw LockstepError(.internalError, "the node sent a damaged document: \(error)")
    }
    if let json = JSON(.document(document)) as? Value { return json }
    do {
      return try ValueDecoder(.document(document), id: id.value).decode(type)
    } catch let error as LockstepError {
      throw error
    } catch {
      let message = "document \(id) is no \(type): \(error.whereAndWhy)"
      var failure = LockstepError(.decodingFailed, message)
      failure.underlying = error
      throw failure
    }
  }

  /// The document with its id as the first field.
  static func adding(_ id: DocumentID, to json: JSON) -> JSON {
    guard case .document(let document) = json.value else { return json }
    do {
      var builder = BSONBuilder()
      try builder.append(id.value, for: idField)
      builder.append(fieldsOf: document, except: idField)
      return JSON(.document(try builder.finish()))
    } catch {
      // Only a document at the very limit of size cannot take its id in; it is shown without.
      return json
    }
  }
}

extension Error {
  /// The coding path and the reason, where the error is one of decoding.
  fileprivate var whereAndWhy: String {
    guard let error = self as? DecodingError else { return "\(self)" }
    let context: DecodingError.Context
    switch error {
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
      context = found
    case .keyNotFound(let key, let found):
      let path = (found.codingPath + [key]).dotted
      return "the field \(path) is missing"
    @unknown default: return "\(self)"
    }
    return "\(context.codingPath.dotted): \(context.debugDescription)"
  }
}

extension [any CodingKey] {
  /// The path as people write it: `items.0.price`.
  var dotted: String {
    isEmpty
      ? "the value" : map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }
}

/// A place in an array, or the parent of a class.
struct PathKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(index: Int) {
    stringValue = "\(index)"
    intValue = index
  }

  init(stringValue: String) {
    self.stringValue = stringValue
    intValue = nil
  }

  init(intValue: Int) {
    self.init(index: intValue)
  }

  static let parent = PathKey(stringValue: "super")
}
