/// Finds the addresses behind host names on threads of their own.
///
/// A resolver may take seconds, and nobody else must wait for it.
package final class NameFinder {
  /// What came of asking.
  private struct Finding: Sendable {
    var name: String
    var result: Result<SocketAddress, TransportError>
  }

  private let findings: Mailbox<Finding>
  private let ask: @Sendable (SocketAddress) throws(TransportError) -> SocketAddress
  private var known: [String: Result<SocketAddress, TransportError>] = [:]
  private var asked: Set<String> = []

  /// What is found wakes the loop of `waker`, which then calls `takeFindings`.
  package init(
    waker: Waker,
    ask: @escaping @Sendable (SocketAddress) throws(TransportError) -> SocketAddress = {
      (name) throws(TransportError) in try name.numeric()
    }
  ) {
    findings = Mailbox(waking: waker)
    self.ask = ask
  }

  /// The address to dial; nil while it is being looked for.
  ///
  /// - Throws: What came of asking, once; the next call asks again.
  package func address(of text: String) throws(TransportError) -> SocketAddress? {
    let name = try SocketAddress(parsing: text)
    if name.isNumeric { return name }
    if let result = known[text] {
      if case .failure = result { known[text] = nil }
      return try result.get()
    }
    if !asked.contains(text) { try startAsking(for: name, text) }
    return nil
  }

  private func startAsking(
    for name: SocketAddress,
    _ text: String
  ) throws(TransportError) {
    let (findings, ask) = (findings, ask)
    _ = try WorkerThread.start(name: "resolver") {
      do throws(TransportError) {
        findings.post(Finding(name: text, result: .success(try ask(name))))
      } catch {
        findings.post(Finding(name: text, result: .failure(error)))
      }
    }
    asked.insert(text)
  }

  /// The address did not work: the name may stand for another one by now.
  package func forget(_ text: String) {
    known[text] = nil
  }

  /// Takes over what was found since.
  package func takeFindings() {
    for finding in findings.takeAll() {
      asked.remove(finding.name)
      known[finding.name] = finding.result
    }
  }
}
