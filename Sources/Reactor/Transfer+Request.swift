internal import CCurl

/// What a configured request has and a plain probe has not.
extension Transfer {
    /// - Parameters:
    ///   - method: Also one that libcurl does not know.
    ///   - body: Copied; nil: none.
    package func setRequest(_ method: String, body: [UInt8]?) {
        // Back from whatever was asked for before: HTTPGET takes NOBODY and POST away.
        set(CURLOPT_HTTPGET, 1)
        if let body {
            set(CURLOPT_POSTFIELDSIZE, body.count)
            // One byte more than is sent: an empty array may have no address.
            (body + [0]).withUnsafeBytes { bytes in
                let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                check(heartmesh_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, start))
            }
        } else if method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        }
        // A HEAD that is only named so would wait for the body that its answer's Content-Length tells of.
        if method == "GET" && body == nil || method == "HEAD" {
            check(heartmesh_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, nil))
        } else {
            set(CURLOPT_CUSTOMREQUEST, method)
        }
    }

    /// - Parameter limit: Bytes of a reply's head, interim replies included; a longer one is the failure `protocol`.
    package func setHeadLimit(_ limit: Int) {
        headLimit = limit
    }

    /// HTTP/2 by ALPN, over TLS only. Whether the server takes it, `isVersion2` tells afterwards.
    package func setVersion2() {
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
    }

    package var isVersion2: Bool {
        var version = 0
        heartmesh_curl_get_long(handle, CURLINFO_HTTP_VERSION, &version)
        return version == CURL_HTTP_VERSION_2_0
    }

    /// Sent at once, without waiting to be asked (RFC 7617).
    package func setBasicCredentials(user: String, password: String) {
        set(CURLOPT_USERNAME, user)
        set(CURLOPT_PASSWORD, password)
    }

    /// A client certificate and its key, files in PEM form that are read for each connection.
    package func setClientCertificate(file: String, keyFile: String) {
        set(CURLOPT_SSLCERT, file)
        set(CURLOPT_SSLKEY, keyFile)
    }

    /// Where a reply with a status of 3xx sends, as a whole URL; nil when it sends nowhere.
    package var redirectURL: String? {
        var text: UnsafeMutableRawPointer?
        heartmesh_curl_get_pointer(handle, CURLINFO_REDIRECT_URL, &text)
        return text.map { String(cString: $0.assumingMemoryBound(to: CChar.self)) }
    }
}
