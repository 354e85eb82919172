import Mesh
import Reactor
import Serving
import Support
import Testing

@Suite struct ResponderTests {
    private let loop: EventLoop
    private let responder: Responder
    private let url: String

    init() throws {
        loop = try EventLoop()
        responder = Responder(Responder.Identity(mesh: "default", node: "node-a", zone: "z1", uid: "1234"))
        let port = try FreePort()
        url = "http://127.0.0.1:\(port.port)"
        try responder.listen(on: ListenAddress("127.0.0.1:\(port.port)"), loop)
    }

    @Test(arguments: ["/", "/any/path", "/?other=1"]) func saysWhoItIs(_ path: String) throws {
        let response = try ask(loop, url + path)
        #expect(response.status == 200)
        #expect(response.headers["Heartmesh"] == "mesh=default; node=node-a; zone=z1; uid=1234; state=active")
        #expect(
            response.text == #"{"mesh":"default","node":"node-a","zone":"z1","uid":"1234","state":"active"}"# + "\n")
        responder.stop()
    }

    @Test func saysWhatItHasBecome() throws {
        responder.identity.zone = "z2"
        responder.identity.state = "draining"
        let response = try ask(loop, url)
        #expect(response.headers["Heartmesh"] == "mesh=default; node=node-a; zone=z2; uid=1234; state=draining")
        #expect(response.text.contains(#""state":"draining""#))
        responder.stop()
    }

    @Test(arguments: [0, 1, 8192, 65_536]) func givesAsManyBytesAsAskedFor(_ size: Int) throws {
        let response = try ask(loop, "\(url)/?size=\(size)")
        #expect(response.status == 200)
        #expect(response.body.count == size)
        #expect(response.headers["Heartmesh"]?.hasPrefix("mesh=default; node=node-a;") == true)
        responder.stop()
    }

    @Test(arguments: ["65537", "-1", "x", "", "99999999999999999999"]) func refusesOtherSizes(_ size: String) throws {
        #expect(try ask(loop, "\(url)/?size=\(size)").status == 400)
        responder.stop()
    }

    @Test(arguments: [0, 1, 65_536]) func takesBodies(_ size: Int) throws {
        let response = try ask(loop, url, method: "POST", body: [UInt8](repeating: 7, count: size))
        #expect(response.status == 200)
        #expect(response.headers["Heartmesh-Received"] == "\(size)")
        #expect(response.headers["Heartmesh"]?.hasPrefix("mesh=default; node=node-a;") == true)
        responder.stop()
    }

    @Test(arguments: [(8192, 8192), (0, 1), (65_536, 0), (1, 65_536)])
    func takesAndGivesInOneRequest(taken: Int, given: Int) throws {
        let response = try ask(
            loop, "\(url)/beat?size=\(given)", method: "POST", body: [UInt8](repeating: 7, count: taken))
        #expect(response.status == 200)
        #expect(response.headers["Heartmesh-Received"] == "\(taken)")
        #expect(response.headers["Heartmesh"]?.hasPrefix("mesh=default; node=node-a;") == true)
        #expect(response.body.count == given)
        #expect(try ask(loop, "\(url)/?size=65537", method: "POST", body: [7]).status == 400)
        responder.stop()
    }

    @Test func refusesABodyThatIsTooLarge() throws {
        let response = try ask(loop, url, method: "POST", body: [UInt8](repeating: 7, count: 65_537))
        #expect(response.status == 413)
        responder.stop()
    }

    @Test func cutsOffABodyWhoseSizeIsNotAnnounced() throws {
        let chunk = "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n"
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let port = try #require(UInt16(url.split(separator: ":").last ?? ""))
        let answer = try converse(loop, port: port, Array((head + chunk + chunk + "0\r\n\r\n").utf8))
        #expect(answer == "")
        #expect(try converse(loop, port: port, Array((head + "0\r\n\r\n").utf8)).hasPrefix("HTTP/1.1 200 OK"))
        responder.stop()
    }

    @Test func answersNothingElse() throws {
        #expect(try ask(loop, url, method: "HEAD").status == 200)
        for method in ["PUT", "DELETE", "OPTIONS"] { #expect(try ask(loop, url, method: method).status == 405) }
        responder.stop()
    }

    @Test func countsBothFamiliesOnOneSocket() throws {
        let port = try FreePort()
        var families: [IPFamily] = []
        responder.onRequest = { families.append($0) }
        try responder.listen(on: ListenAddress(":\(port.port)"), loop)
        _ = try ask(loop, "http://127.0.0.1:\(port.port)/")
        _ = try ask(loop, "http://[::1]:\(port.port)/")
        #expect(families == [.ipv4, .ipv6])
        responder.stop()
    }

    @Test func saysThatItsPortIsTaken() throws {
        let other = Responder(responder.identity)
        let address = try ListenAddress(String(url.dropFirst("http://".count)))
        #expect {
            try other.listen(on: address, loop)
        } throws: {
            "\($0)" == "listen on \(address): Address already in use"
        }
        responder.stop()
    }

    @Test func isGoneWhenItIsStopped() throws {
        #expect(try ask(loop, url).status == 200)
        responder.stop()
        #expect(throws: HTTPGet.Failure.refused) { try ask(loop, url) }
    }
}
