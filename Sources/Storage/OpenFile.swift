/// An open file, closed once nobody holds it any more.
package final class OpenFile: Sendable {
  /// The name under which it was opened; a rename does not change it.
  package let name: String

  /// What the disk that opened it knows it by, for instance a descriptor.
  package let number: Int

  private let close: @Sendable (Int) -> Void

  /// Wraps an open file; `close` is called with its number, once.
  package init(name: String, number: Int, close: @escaping @Sendable (Int) -> Void) {
    self.name = name
    self.number = number
    self.close = close
  }

  deinit {
    close(number)
  }
}
