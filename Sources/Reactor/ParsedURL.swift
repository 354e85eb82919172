internal import CCurl

/// A URL that is taken apart once, for transfers that ask for it again and again, and where to ask.
package final class ParsedURL {
    let handle: OpaquePointer
    /// Where to connect, in libcurl's form; nil: to the URL's own host.
    let connection: UnsafeMutablePointer<curl_slist>?

    /// - Parameters:
    ///   - url: What has no place in a URL, such as a space in its path, is encoded.
    ///   - place: `192.0.2.1:80`, `[2001:db8::1]:80`: connected to instead of the URL's host, which is then only the name
    ///     that the request asks for and that the server's certificate must carry.
    /// - Returns: Nil when it is no URL, for one because its host is a pattern.
    package init?(_ url: String, at place: String? = nil) {
        guard let handle = curl_url() else { preconditionFailure("curl_url: out of memory") }
        guard curl_url_set(handle, CURLUPART_URL, url, UInt32(CURLU_URLENCODE)) == CURLUE_OK else {
            curl_url_cleanup(handle)
            return nil
        }
        self.handle = handle
        connection = place.map { curl_slist_append(nil, "::\($0)") }
    }

    deinit {
        curl_url_cleanup(handle)
        curl_slist_free_all(connection)
    }
}
