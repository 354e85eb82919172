internal import CCurl

extension Transfer {
    /// Posts the bytes, of which libcurl makes a copy.
    package func setPost(_ bytes: [UInt8]) {
        // The size first: the copy is of that length (CURLOPT_COPYPOSTFIELDS).
        set(CURLOPT_POST, 1)
        set(CURLOPT_POSTFIELDSIZE, bytes.count)
        bytes.withUnsafeBytes { body in
            let start = UnsafeMutableRawPointer(mutating: body.baseAddress)
            check(heartmesh_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, start))
        }
    }

    /// HTTP/2 where the server has it, otherwise HTTP/1.1. For transfers whose connections are not used again.
    package func setHTTP2() {
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
    }

    /// The reply's `Content-Type` as it is; nil without one.
    package var contentType: String? {
        var value: UnsafeMutableRawPointer?
        heartmesh_curl_get_pointer(handle, CURLINFO_CONTENT_TYPE, &value)
        return value.map { String(cString: $0.assumingMemoryBound(to: CChar.self)) }
    }
}
