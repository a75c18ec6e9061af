import ClientProtocol
import Dispatch
import Transport
import XCTest

@testable import LockstepClient

final class NameTests: XCTestCase {
  func test_calls_whenAResolverDoesNotAnswer_areAnsweredByOtherNodes() async throws {
    let node = try FakeNode { request, _ in Samples.healthy(request) }
    defer { node.stop() }
    let resolver = DispatchSemaphore(value: 0)
    defer { resolver.signal() }
    let addresses = [
      SocketAddress(host: "slow.test", port: 7301),
      try SocketAddress(parsing: node.address),
    ]
    var options = DriverOptions(addresses: addresses, name: "test", timeoutMicroseconds: 30_000_000)
    options.resolve = { (name) throws(TransportError) in
      resolver.wait()
      return name
    }

    let core = try ClientCore(options)
    let answer = try await core.perform(.connect, timeout: nil)
    _ = try await core.perform(.write([]), timeout: nil)
    await core.close()

    XCTAssertEqual(answer.head.node, 1)
    XCTAssertEqual(node.distinctWrites.count, 1)
  }

  func test_node_whenItsNameIsFound_isConnected() async throws {
    let node = try FakeNode { request, _ in Samples.healthy(request) }
    defer { node.stop() }
    let name = SocketAddress(host: "node.test", port: node.port)
    var options = DriverOptions(addresses: [name], name: "test", timeoutMicroseconds: 30_000_000)
    options.resolve = { (name) throws(TransportError) in
      SocketAddress(host: "127.0.0.1", port: name.port)
    }

    let core = try ClientCore(options)
    let answer = try await core.perform(.connect, timeout: nil)
    await core.close()

    XCTAssertEqual(answer.head.node, 1)
  }
}
