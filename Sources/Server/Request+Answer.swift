import ClientProtocol

extension Request {
  /// Whether anybody waits for an answer to the request itself.
  var hasAnswer: Bool {
    switch self {
    case .credit, .cancel: false
    case .openSession, .closeSession, .write, .read, .outcome, .status, .transferLeader,
      .changeMembers, .ping:
      true
    }
  }
}
