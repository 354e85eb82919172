internal import CCurl

/// What a URL consists of, as libcurl takes it apart: an IPv4 address in another form is one in dots, a path has no dot
/// segments.
package struct URLParts: Equatable, Sendable {
    package let scheme: String
    /// IPv6 in brackets.
    package let host: String
    /// As it is written, or the scheme's own; nil when there is neither.
    package let port: UInt16?
    /// At least a slash.
    package let path: String
    package let query: String?
    package let fragment: String?
    /// Somebody's name or password stands before the host.
    package let hasCredentials: Bool

    /// Nil when it is no URL with a scheme and a host. What has no place in a URL, such as a blank, is not encoded.
    package init?(_ text: String) {
        // libcurl would read up to the first.
        if text.utf8.contains(0) { return nil }
        guard let handle = curl_url() else { preconditionFailure("curl_url: out of memory") }
        defer { curl_url_cleanup(handle) }
        guard curl_url_set(handle, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK,
            let scheme = part(CURLUPART_SCHEME, of: handle), let host = part(CURLUPART_HOST, of: handle)
        else { return nil }
        self.scheme = scheme
        self.host = host
        port = part(CURLUPART_PORT, of: handle, UInt32(CURLU_DEFAULT_PORT)).flatMap { UInt16($0) }
        path = part(CURLUPART_PATH, of: handle) ?? "/"
        query = part(CURLUPART_QUERY, of: handle)
        fragment = part(CURLUPART_FRAGMENT, of: handle)
        hasCredentials =
            part(CURLUPART_USER, of: handle) != nil || part(CURLUPART_PASSWORD, of: handle) != nil
            || part(CURLUPART_OPTIONS, of: handle) != nil
    }
}

private func part(_ part: CURLUPart, of handle: OpaquePointer, _ flags: UInt32 = 0) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
}
