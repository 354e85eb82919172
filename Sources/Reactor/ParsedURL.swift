internal import CCurl

/// A URL that is taken apart once, for transfers that ask for it again and again.
package final class ParsedURL {
    let handle: OpaquePointer

    /// - Parameter url: One of our own making: it must be well formed.
    package init(_ url: String) {
        guard let handle = curl_url() else { preconditionFailure("curl_url: out of memory") }
        let code = curl_url_set(handle, CURLUPART_URL, url, 0)
        precondition(code == CURLUE_OK, "\(url): \(String(cString: curl_url_strerror(code)))")
        self.handle = handle
    }

    deinit {
        curl_url_cleanup(handle)
    }
}
