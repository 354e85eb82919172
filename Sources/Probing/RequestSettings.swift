package import Documents

/// What a configured target is asked, and what it must answer.
package struct RequestSettings: Equatable, Sendable {
    package enum Method: String, CaseIterable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
        case options = "OPTIONS"
        case trace = "TRACE"

        /// RFC 9110, sections 9.3.2 and 9.3.8.
        package var takesBody: Bool { self != .head && self != .trace }
    }

    package enum Body: Equatable, Sendable {
        case bytes([UInt8])
        case file(String)
    }

    package enum Credentials: Equatable, Sendable {
        case basic(user: String, passwordFile: String)
        case bearer(tokenFile: String)
    }

    package struct ClientCertificate: Equatable, Sendable {
        package let file: String
        package let keyFile: String

        package init(file: String, keyFile: String) {
            self.file = file
            self.keyFile = keyFile
        }
    }

    /// The host in it is the name that the server's certificate must carry; where to connect, the target says.
    package var url: String
    package var method = Method.get
    /// `Name: value`, or `Name;` for an empty value.
    package var headers: [String] = []
    package var body: Body?
    package var credentials: Credentials?
    package var trust = Trust.system
    package var clientCertificate: ClientCertificate?
    /// The server must take HTTP/2. Otherwise it is asked by HTTP/1.1.
    package var isVersion2 = false
    package var expectation = Expectation()
    /// To the same host, at most five.
    package var followsRedirects = false

    package init(url: String) {
        self.url = url
    }

    /// Bytes of a body that is sent.
    package static let bodyLimit = 64 << 10
}

/// What an answer must be.
package struct Expectation: Equatable, Sendable {
    package struct Member: Equatable, Sendable {
        package let path: JSONPath
        package let value: JSONScalar

        package init(path: JSONPath, value: JSONScalar) {
            self.path = path
            self.value = value
        }
    }

    package var statuses: [ClosedRange<Int>] = [200...299]
    /// A POSIX extended regular expression that is found somewhere in the body; empty: any body.
    package var pattern = ""
    /// The body is JSON, and this value is in it.
    package var member: Member?
    /// Bytes.
    package var bodyLimit = 64 << 10

    package init() {}

    /// Whether anything is asked of the body but its length.
    package var readsBody: Bool { !pattern.isEmpty || member != nil }
}
