import Glibc

/// What can go wrong between this process and the network.
package enum TransportError: Error, Equatable, Sendable {
  /// Text that is no `HOST:PORT`.
  case badAddress(String, reason: String)
  /// A host name that the resolver does not know.
  case hostNotFound(address: String, reason: String)
  /// Somebody else listens there.
  case addressInUse(address: String)
  /// The address belongs to no interface of this machine.
  case addressNotAvailable(address: String)
  /// This user may not listen or connect there.
  case permissionDenied(address: String)
  /// Nobody listens there.
  case connectionRefused(address: String)
  /// Nobody answered in time.
  case connectTimedOut(address: String, afterMilliseconds: UInt64)
  /// There is no way to that machine.
  case unreachable(address: String, reason: String)
  /// The other side broke the connection off.
  case connectionReset(address: String)
  /// The other side is not who it should be, or broke the rules of the secured link.
  case notSecured(address: String, reason: String)
  /// The other side reads too slowly: more bytes wait than are allowed.
  case sendBufferFull(address: String, pendingBytes: Int, limitBytes: Int)
  /// The other side sends a piece that nobody can use before it grows past the limit.
  case receiveBufferFull(address: String, limitBytes: Int)
  /// The process or the machine is out of file descriptors.
  case tooManyOpenFiles(doing: String)
  /// Any other failed system call.
  case systemCall(String, doing: String, errno: Int32)

  /// The stable name of the error, for programs.
  package var code: String {
    switch self {
    case .badAddress: "bad_address"
    case .hostNotFound: "host_not_found"
    case .addressInUse: "address_in_use"
    case .addressNotAvailable: "address_not_available"
    case .permissionDenied: "permission_denied"
    case .connectionRefused: "connection_refused"
    case .connectTimedOut: "connect_timed_out"
    case .unreachable: "unreachable"
    case .connectionReset: "connection_reset"
    case .notSecured: "not_secured"
    case .sendBufferFull: "send_buffer_full"
    case .receiveBufferFull: "receive_buffer_full"
    case .tooManyOpenFiles: "too_many_open_files"
    case .systemCall: "system_call_failed"
    }
  }
}

extension TransportError: CustomStringConvertible {
  /// What happened, where, and what to do.
  package var description: String {
    switch self {
    case .badAddress(let text, let reason):
      "\"\(text)\" is not an address: \(reason); write HOST:PORT, for example 127.0.0.1:7310"
    case .hostNotFound(let address, let reason):
      "cannot find the host of \(address): \(reason)"
    case .addressInUse(let address):
      "\(address) is in use by another process; stop it or choose another port"
    case .addressNotAvailable(let address):
      "\(address) is not an address of this machine; choose one that is, or 127.0.0.1"
    case .permissionDenied(let address):
      "not allowed to use \(address); ports below 1024 need a privileged user"
    case .connectionRefused(let address):
      "nobody listens on \(address); is the server running?"
    case .connectTimedOut(let address, let milliseconds):
      "\(address) did not answer within \(milliseconds) ms"
    case .unreachable(let address, let reason):
      "cannot reach \(address): \(reason)"
    case .connectionReset(let address):
      "\(address) broke the connection off"
    case .notSecured(let address, let reason):
      "the link to \(address) is not secure: \(reason)"
    case .sendBufferFull(let address, let pending, let limit):
      "\(address) reads too slowly: \(pending) bytes wait for it, the limit is \(limit)"
    case .receiveBufferFull(let address, let limit):
      "\(address) sent a piece of more than \(limit) bytes"
    case .tooManyOpenFiles(let doing):
      "out of file descriptors while \(doing); raise the limit (ulimit -n)"
    case .systemCall(let call, let doing, let number):
      "\(call) failed while \(doing): \(TransportError.sentence(number))"
    }
  }
}

extension TransportError {
  /// Finds the case for a failed socket call on `address`.
  init(_ call: String, on address: String, errno number: Int32) {
    self =
      switch number {
      case EADDRINUSE: .addressInUse(address: address)
      case EADDRNOTAVAIL: .addressNotAvailable(address: address)
      case EACCES, EPERM: .permissionDenied(address: address)
      case ECONNREFUSED: .connectionRefused(address: address)
      case ECONNRESET, EPIPE, ECONNABORTED: .connectionReset(address: address)
      case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, ETIMEDOUT:
        .unreachable(address: address, reason: TransportError.sentence(number))
      case EMFILE, ENFILE: .tooManyOpenFiles(doing: "using \(address)")
      default: .systemCall(call, doing: "using \(address)", errno: number)
      }
  }

  /// The system's sentence for an error number.
  private static func sentence(_ number: Int32) -> String {
    // strerror returns a text that ends with a zero byte and is copied at once.
    unsafe String(cString: strerror(number))
  }
}
