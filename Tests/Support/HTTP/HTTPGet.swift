internal import Foundation

/// A small HTTP/1.1 client: one request on a fresh connection, no redirects, nothing decoded.
///
/// URLSession would do, but links FoundationNetworking with its 43 MB of ICU and reports a cut body as it likes.
package enum HTTPGet {
    /// Why there is no response.
    package enum Failure: Error, Equatable {
        case badURL(String)
        case refused
        case reset
        case timeout
        /// The connection ended in the middle.
        case cutOff(bodyBytes: Int)
        case malformed(String)
        case other(String)
    }

    /// Asks without blocking the caller's thread, of which Swift's pool has only one per core.
    ///
    /// - Parameter timeout: For all of it, from the connect to the last byte.
    package static func fetch(
        _ url: String, method: String = "GET", headers: Headers = [:], body: [UInt8] = [],
        timeout: Duration = .seconds(5)
    ) async throws(Failure) -> HTTPResponse {
        let result = await withCheckedContinuation { continuation in
            Thread {
                let result = Result { () throws(Failure) in
                    try fetchBlocking(url, method: method, headers: headers, body: body, timeout: timeout)
                }
                continuation.resume(returning: result)
            }.start()
        }
        return try result.get()
    }

    package static func fetchBlocking(
        _ url: String, method: String = "GET", headers: Headers = [:], body: [UInt8] = [],
        timeout: Duration = .seconds(5)
    ) throws(Failure) -> HTTPResponse {
        let (address, target) = try parse(url)
        let deadline = ContinuousClock.now + timeout
        let result: Result<HTTPResponse, Failure>
        do throws(SocketError) {
            let connection = try Connection.open(to: address, deadline: deadline)
            defer { connection.close() }
            var fields: Headers = ["Host": "\(address)", "Connection": "close"]
            for field in headers.fields { fields.replace(field.name, field.value) }
            if !body.isEmpty { fields.replace("Content-Length", "\(body.count)") }
            let head = "\(method) \(target) HTTP/1.1\r\n\(fields.text)\r\n"
            try connection.write(ArraySlice(Array(head.utf8) + body), until: deadline)
            result = try read(connection, HTTPResponseParser(method: method), deadline)
        } catch {
            throw failure(error)
        }
        return try result.get()
    }

    private static func read(
        _ connection: Connection, _ start: HTTPResponseParser, _ deadline: ContinuousClock.Instant
    ) throws(SocketError) -> Result<HTTPResponse, Failure> {
        var parser = start
        while true {
            let bytes = try connection.read(until: deadline)
            do throws(MalformedHTTP) {
                if bytes.isEmpty {
                    guard let response = try parser.ended() else {
                        return .failure(.cutOff(bodyBytes: parser.received))
                    }
                    return .success(response)
                }
                if let response = try parser.received(bytes) { return .success(response) }
            } catch {
                return .failure(.malformed(error.description))
            }
        }
    }

    private static func parse(_ url: String) throws(Failure) -> (SocketAddress, target: String) {
        guard let parts = URLComponents(string: url), parts.scheme == "http", let host = parts.host else {
            throw .badURL(url)
        }
        let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        let target = path + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
        let bare = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        let numeric = bare == "localhost" ? "127.0.0.1" : bare
        guard let port = UInt16(exactly: parts.port ?? 80), let address = SocketAddress(numeric: numeric, port) else {
            throw .badURL(url)
        }
        return (address, target)
    }

    private static func failure(_ error: SocketError) -> Failure {
        if error.isRefused { return .refused }
        if error.isReset { return .reset }
        if error.isTimeout { return .timeout }
        return .other(error.description)
    }
}
