/// Stops the process if something that must hold does not, in every build.
///
/// `precondition` loses its text under `-O` and `assert` vanishes, so broken promises of our own
/// go through `fatalError`.
@inlinable
package func invariant(
  _ condition: @autoclosure () -> Bool,
  _ message: @autoclosure () -> String,
  file: StaticString = #fileID,
  line: UInt = #line
) {
  if !condition() {
    fatalError("broken invariant: \(message())", file: file, line: line)
  }
}
