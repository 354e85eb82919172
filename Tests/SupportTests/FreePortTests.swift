import Support
import Testing

struct FreePortTests {
    @Test func nobodyListensAndAServerCan() async throws {
        let port = try FreePort()
        await #expect(throws: HTTPGet.Failure.refused) { try await HTTPGet.fetch("http://\(port.address)") }
        let server = try StubServer(port: port.port, answer: StubServer.response())
        #expect(try await HTTPGet.fetch("http://\(port.address)").status == 200)
        #expect(server.address == port.address)
    }

    @Test func onePortOnSeveralHosts() async throws {
        let hosts = LoopbackHosts.next(6)
        #expect(Set(hosts).count == 6 && Set(hosts).isDisjoint(with: LoopbackHosts.next(6)))
        let port = try FreePort(on: hosts)
        #expect(port.addresses.map(\.host) == hosts)
        var servers: [StubServer] = []
        for address in port.addresses {
            servers.append(
                try StubServer(host: address.host, port: address.port, answer: StubServer.response(body: address.host)))
        }
        for host in hosts { #expect(try await HTTPGet.fetch("http://\(host):\(port.port)/").text == host) }
        #expect(servers.count == 6)
    }

    @Test func portsDiffer() throws {
        let ports = try (0..<50).map { _ in try FreePort() }
        #expect(Set(ports.map(\.port)).count == 50)
    }

    @Test func aPortInUseIsAnError() throws {
        let server = try StubServer(answer: [])
        let error = #expect(throws: SocketError.self) { try StubServer(port: server.address.port, answer: []) }
        #expect(error?.description.contains("Address already in use") == true)
    }
}
