import Reactor
import Support
import Testing

@testable import Discovery

struct URLAuthorityTests {
    @Test(arguments: [
        ("https://10.96.0.1:443", "https", "10.96.0.1", 443, ""), ("https://10.96.0.1", "https", "10.96.0.1", 443, ""),
        ("http://localhost:8001", "http", "localhost", 8001, ""), ("http://localhost", "http", "localhost", 80, ""),
        ("https://[fd00::1]:6443", "https", "[fd00::1]", 6443, ""),
        ("https://[fd00::1]", "https", "[fd00::1]", 443, ""),
        ("https://[::1]/", "https", "[::1]", 443, "/"),
        ("https://api.example:65535/a/b:1", "https", "api.example", 65535, "/a/b:1"),
        ("https://api.example/k8s/clusters/c-1", "https", "api.example", 443, "/k8s/clusters/c-1"),
    ])
    func aURLHasItsParts(url: String, scheme: String, host: String, port: Int, path: String) throws {
        let authority = try #require(URLAuthority(url))
        #expect(authority.scheme == scheme)
        #expect(authority.host == host)
        #expect(authority.port == port)
        #expect(authority.path == path)
    }

    @Test(arguments: [
        "", "10.96.0.1:443", "api.example", "ftp://api.example", "https:/api.example", "https://", "https:///path",
        "https://:443",
        "https://api.example:", "https://api.example:port", "https://api.example:0", "https://api.example:65536",
        "https://api.example:-1", "://api.example",
    ])
    func otherTextIsNone(url: String) {
        #expect(URLAuthority(url) == nil)
    }
}

struct FetchTests {
    private let loop: EventLoop
    private let transfers: Transfers

    init() throws {
        loop = try EventLoop()
        transfers = Transfers(on: loop)
    }

    private func fetch(
        _ server: APIServer, path: String = "/x?y=1", timeout: Duration = .seconds(10), bodyLimit: Int = 1000
    ) throws -> Result<Fetch.Answer, TransferFailure> {
        let fetch = Fetch(
            server, userAgent: "heartmesh/1", timeout: timeout, bodyLimit: bodyLimit, transfers: transfers)
        var result: Result<Fetch.Answer, TransferFailure>?
        fetch.get(path, accept: "a/b", authorization: "Bearer t") { result = $0 }
        #expect(result == nil)
        try loop.turn(until: "the fetch is done") { result != nil }
        return try #require(result)
    }

    @Test func theRequestIsAsTold() throws {
        let server = try StubServer { _ in [.bytes(StubServer.response(status: 201, body: "hello"))] }
        let answer = try fetch(APIServer(url: server.url + "/prefix/")).get()
        #expect(answer.status == 201)
        #expect(answer.body == Array("hello".utf8))
        #expect(answer.retryAfter == .zero)
        let request = try #require(server.requests.first)
        #expect(request.method == "GET")
        #expect(request.target == "/prefix/x?y=1")
        #expect(request.headers["Accept"] == "a/b")
        #expect(request.headers["Authorization"] == "Bearer t")
        #expect(request.headers["User-Agent"] == "heartmesh/1")
        #expect(request.headers["Host"] == "\(server.address)")
    }

    /// The name is asked for and verified; the connection goes to the URL's address.
    @Test func anotherNameIsAskedForAtTheSameAddress() throws {
        let server = try StubServer { _ in [.bytes(StubServer.response(body: "hello"))] }
        var named = APIServer(url: server.url + "/prefix")
        named.serverName = "api.example"
        #expect(try fetch(named).get().body == Array("hello".utf8))
        #expect(server.requests.first?.headers["Host"] == "api.example:\(server.address.port)")
        #expect(server.requests.first?.target == "/prefix/x?y=1")
    }

    @Test(arguments: [(999, true), (1000, true), (1001, false), (5_000_000, false)])
    func aBodyHasALimit(size: Int, isTaken: Bool) throws {
        let server = try StubServer(answer: StubServer.response(body: String(repeating: "x", count: size)))
        switch try fetch(APIServer(url: server.url)) {
        case .success(let answer): #expect(isTaken && answer.body.count == size)
        case .failure(let failure): #expect(!isTaken && failure.kind == .body)
        }
    }

    /// A small answer that unpacks to a large one.
    @Test func theLimitIsOfWhatIsUnpacked() throws {
        let packed = try Gzip.compress([UInt8](repeating: 0x20, count: 3_000_000))
        #expect(packed.count < 20_000)
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n"
        let server = try StubServer(answer: Array(head.utf8) + packed)
        guard case .failure(let failure) = try fetch(APIServer(url: server.url), bodyLimit: 100_000) else {
            Issue.record("three million bytes were taken")
            return
        }
        #expect(DiscoveryFailure(failure, of: "").reason == .invalid)
        #expect(try fetch(APIServer(url: server.url), bodyLimit: 3_000_000).get().body.count == 3_000_000)
    }

    @Test func aFetchThatIsCancelledTellsNothing() throws {
        let server = try StubServer { _ in [.hang] }
        let fetch = Fetch(APIServer(url: server.url), userAgent: "", timeout: .seconds(10), transfers: transfers)
        var isDone = false
        fetch.get("/", accept: "a/b", authorization: nil) { _ in isDone = true }
        try loop.turn(until: "the request comes") { !server.requests.isEmpty }
        fetch.cancel()
        #expect(transfers.activeCount == 0)
        fetch.cancel()
        // And it can be used again.
        var isDoneAgain = false
        fetch.get("/again", accept: "a/b", authorization: nil) { _ in isDoneAgain = true }
        try loop.turn(until: "the next request comes") { server.requests.count == 2 }
        server.stop()
        try loop.turn(until: "the next request is done") { isDoneAgain }
        #expect(!isDone)
    }
}
