import ClientProtocol
import Transport

/// The nodes that a connection URL names.
enum BenchTargets {
  private static let scheme = "lockstep://"

  static func addresses(in url: String) throws(CommandFailure) -> [SocketAddress] {
    guard url.hasPrefix(scheme) else {
      throw CommandFailure(.invalidURL, "--url: '\(url)' does not begin with \(scheme)")
    }
    let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
    let hosts = authority.split(separator: "@").last ?? ""
    var addresses: [SocketAddress] = []
    for host in hosts.split(separator: ",") {
      do {
        addresses.append(try SocketAddress(parsing: String(host)))
      } catch {
        throw CommandFailure(.invalidURL, "--url: \(error)")
      }
    }
    guard !addresses.isEmpty else { throw CommandFailure(.invalidURL, "--url: no node is named") }
    return addresses
  }
}
