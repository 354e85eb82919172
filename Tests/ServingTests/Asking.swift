import Foundation
import Glibc
import Reactor
import Support

/// Asks a server that lives on a loop of this thread: the client has a thread of its own, and the loop turns until it has
/// its answer.
func ask(
    _ loop: EventLoop, _ url: String, method: String = "GET", headers: Headers = [:], body: [UInt8] = []
) throws(HTTPGet.Failure) -> HTTPResponse {
    try turn(loop) {
        Result { () throws(HTTPGet.Failure) in
            try HTTPGet.fetchBlocking(url, method: method, headers: headers, body: body, timeout: .seconds(20))
        }
    }.get()
}

/// Sends bytes as they are, and reads until the server has nothing more to say for a while or closes.
func converse(_ loop: EventLoop, port: UInt16, _ bytes: [UInt8]) throws -> String {
    turn(loop) {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(number) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return "not connected" }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return "" }
            rest = rest.dropFirst(count)
        }
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = recv(number, &chunk, chunk.count, 0)
        return String(decoding: chunk.prefix(max(count, 0)), as: UTF8.self)
    }
}

/// Runs a client on a thread of its own and turns the loop until it is done.
private func turn<Value: Sendable>(_ loop: EventLoop, _ client: @escaping @Sendable () -> Value) -> Value {
    let answer = Answer<Value>()
    Thread { answer.value = client() }.start()
    while true {
        if let value = answer.value { return value }
        loop.turn(until: .now() + .milliseconds(5))
    }
}

private final class Answer<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var stored: Value?
    var value: Value? {
        get { lock.withLock { stored } }
        set { lock.withLock { stored = newValue } }
    }
}
