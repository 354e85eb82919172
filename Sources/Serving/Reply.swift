internal import CMicrohttpd

/// An answer, which can be given to any number of requests.
package final class Reply {
    private let response: OpaquePointer
    private let status: Int
    /// Called when the answer has been sent to the end, and never when it has not.
    let whenSent: (() -> Void)?

    /// - Parameter body: Copied.
    package init(
        status: Int = 200, contentType: String, headers: [(String, String)] = [], body: [UInt8],
        whenSent: (() -> Void)? = nil
    ) {
        self.status = status
        self.whenSent = whenSent
        response = body.withUnsafeBytes {
            MHD_create_response_from_buffer(
                $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
        }
        add(contentType: contentType, headers)
    }

    /// - Parameter body: Not copied; outlives the reply.
    init(sharing body: UnsafeRawBufferPointer, contentType: String, headers: [(String, String)]) {
        status = 200
        whenSent = nil
        response = MHD_create_response_from_buffer(
            body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_PERSISTENT)
        add(contentType: contentType, headers)
    }

    package convenience init(status: Int = 200, contentType: String = "text/plain; charset=utf-8", _ text: String) {
        self.init(status: status, contentType: contentType, body: Array(text.utf8))
    }

    deinit {
        MHD_destroy_response(response)
    }

    static var tooLarge: Reply { Reply(status: 413, "The body is larger than \(HTTPServer.bodyLimit) bytes.\n") }

    private func add(contentType: String, _ headers: [(String, String)]) {
        for (name, value) in [("Content-Type", contentType)] + headers {
            precondition(MHD_add_response_header(response, name, value) == .YES, "header \(name): \(value)")
        }
    }

    /// libmicrohttpd counts its own references: the reply may go before it is sent.
    func queue(on connection: OpaquePointer) -> MHD_Result {
        MHD_queue_response(connection, UInt32(status), response)
    }
}
