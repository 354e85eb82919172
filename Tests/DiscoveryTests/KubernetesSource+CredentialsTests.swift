import Mesh
import Support
import Testing

@testable import Discovery

struct KubernetesSourceCredentialsTests {
    private let api: RecordedAPI
    private let folder: TemporaryFolder

    init() throws {
        api = try RecordedAPI(serving: threeNodes)
        folder = try TemporaryFolder()
    }

    private func server() -> APIServer {
        var server = APIServer(url: api.url)
        server.token = .file(folder["token"])
        return server
    }

    @Test func theTokenIsTheBearer() throws {
        try folder.write("token", "first\n")
        api.require(token: "first")
        let watch = try Watch(server())
        #expect(try watch.next().topology?.peers.count == 3)
        #expect(api.exchanges[0].request.headers["Authorization"] == "Bearer first")
        var literal = APIServer(url: api.url)
        literal.token = .literal("first")
        #expect(try Watch(literal).next().topology?.peers.count == 3)
    }

    /// The kubelet replaces the token's file before it expires, and a server may forget a token any time.
    @Test func aTokenThatIsReplacedIsUsedByTheNextLook() throws {
        try folder.write("token", "first")
        api.require(token: "first")
        let watch = try Watch(server())
        try watch.next()
        api.require(token: "second")
        #expect(try watch.next() == .failed(.unauthorized))
        #expect(try watch.next() == .failed(.unauthorized))
        try folder.write("token", "second")
        #expect(try watch.next() == .confirmed)
        let tokens = api.exchanges.map { $0.request.headers["Authorization"] }
        #expect(tokens == ["first", "first", "first", "second"].map { "Bearer \($0)" })
    }

    /// A look may take long, and the token be replaced meanwhile: that is no failure.
    @Test(arguments: [true, false]) func aTokenThatIsReplacedDuringALookIsTriedAtOnce(isGood: Bool) throws {
        try folder.write("token", "first")
        let list = try Recording(threeNodes).text
        let stub = try StubServer { [folder] request in
            if isGood, request.headers["Authorization"] == "Bearer second" {
                return [.bytes(StubServer.response(body: list))]
            }
            try? folder.write("token", "second")
            return [.bytes(StubServer.response(status: 401, reason: "Unauthorized"))]
        }
        var server = APIServer(url: stub.url)
        server.token = .file(folder["token"])
        let watch = try Watch(server) { $0.interval = .seconds(3600) }
        let told = try watch.next()
        #expect(isGood ? told.topology?.peers.count == 3 : told == .failed(.unauthorized))
        #expect(stub.requests.map { $0.headers["Authorization"] } == ["Bearer first", "Bearer second"])
        #expect(Set(stub.requests.map(\.target)).count == 1)
        #expect(watch.witness.receivedBytes.count == 2)
    }

    /// Without its token nothing is asked: the server would take it for somebody else.
    @Test func aTokenThatIsGoneIsAFailureOfItsOwn() throws {
        try folder.write("token", "first")
        let watch = try Watch(server())
        try watch.next()
        try folder.remove("token")
        #expect(try watch.next() == .failed(.credentials))
        try folder.write("token", " \n")
        #expect(try watch.next() == .failed(.credentials))
        #expect(watch.witness.failures[1].description == "the token in \(folder["token"]) is empty")
        #expect(api.exchanges.count == 1)
        try folder.write("token", "first")
        #expect(try watch.next() == .confirmed)
    }

    @Test func withoutATokenItIsAnonymous() throws {
        api.require(token: "first")
        let watch = try Watch(api)
        #expect(try watch.next() == .failed(.forbidden))
        #expect(api.exchanges[0].request.headers["Authorization"] == nil)
    }
}
