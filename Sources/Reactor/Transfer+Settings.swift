internal import CCurl

extension Transfer {
    /// - Parameter url: Copied.
    package func setURL(_ url: String) {
        // One that is parsed would win.
        check(heartmesh_curl_set_pointer(handle, CURLOPT_CURLU, nil))
        connect(to: connection)
        parsedURL = nil
        set(CURLOPT_URL, url)
    }

    /// Kept until another URL is set: libcurl reads it when the transfer begins.
    package func setURL(_ url: ParsedURL) {
        connect(to: url.connection ?? connection)
        parsedURL = url
        check(heartmesh_curl_set_pointer(handle, CURLOPT_CURLU, UnsafeMutableRawPointer(url.handle)))
    }

    /// - Parameter total: From the start to the last byte, the connection included.
    package func setTimeout(connect: Duration, total: Duration) {
        set(CURLOPT_CONNECTTIMEOUT_MS, connect.millisecondsRoundedUp)
        set(CURLOPT_TIMEOUT_MS, total.millisecondsRoundedUp)
    }

    /// A connection of its own, closed afterwards: one that is kept open hides lost SYNs, dead backends and broken NAT.
    /// A TLS session of its own, too: one that is resumed shows no certificate, and hides that it has expired.
    package func setFreshConnection() {
        set(CURLOPT_FRESH_CONNECT, 1)
        set(CURLOPT_FORBID_REUSE, 1)
        set(CURLOPT_SSL_SESSIONID_CACHE, 0)
        // Numeric addresses go through the DNS cache too, and each transfer walks the whole cache at its end: with entries
        // that live for a minute, that is a quarter of the user time at 1,000 targets.
        set(CURLOPT_DNS_CACHE_TIMEOUT, 0)
        // One write: there is nothing that Nagle's algorithm could hold back, and a system call is saved.
        set(CURLOPT_TCP_NODELAY, 0)
    }

    /// - Parameter lines: `Name: value`; `Name:` takes away one that libcurl adds by itself.
    package func setHeaders(_ lines: [String]) {
        curl_slist_free_all(headers)
        headers = nil
        for line in lines { headers = curl_slist_append(headers, line) }
        check(heartmesh_curl_set_list(handle, CURLOPT_HTTPHEADER, headers))
    }

    /// Makes it a POST with this body, of which libcurl keeps a copy.
    package func setBody(_ bytes: [UInt8]) {
        // First the size: without one the copy would end at the first zero.
        set(CURLOPT_POSTFIELDSIZE, bytes.count)
        bytes.withUnsafeBytes { body in
            check(
                heartmesh_curl_set_pointer(
                    handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: body.baseAddress)))
        }
        // Nagle's algorithm would hold the last segment back until the others are acknowledged.
        set(CURLOPT_TCP_NODELAY, 1)
    }

    package func setUserAgent(_ name: String) {
        set(CURLOPT_USERAGENT, name)
    }

    /// Bytes that libcurl reads at once, from 1,024: it keeps a buffer of this size for each handle.
    package func setReceiveBuffer(_ size: Int) {
        set(CURLOPT_BUFFERSIZE, size)
    }

    /// Asks for compressed answers; `received(body:)` gets them decompressed.
    package func setCompressed() {
        set(CURLOPT_ACCEPT_ENCODING, "gzip")
    }

    /// Certificates in PEM form that are trusted instead of the system's.
    package func setTrust(_ certificates: [UInt8]) {
        setBlob(CURLOPT_CAINFO_BLOB, certificates)
        clearTrustedFolder()
    }

    /// A file of certificates in PEM form that are trusted instead of the system's; nil: the system's own file.
    ///
    /// Transfers of the same `Transfers` share what they have read, for as long as they all have the same file and nothing
    /// else is trusted there: reading the system's takes 25 ms, twenty times what a connection does.
    ///
    /// - Parameter age: After which the file is read again, in whole seconds.
    package func setTrust(file path: String?, age: Duration) {
        if let path { set(CURLOPT_CAINFO, path) }
        set(CURLOPT_CA_CACHE_TIMEOUT, Int(age.components.seconds))
        clearTrustedFolder()
    }

    /// libcurl has a folder of trusted certificates compiled in, which would be trusted beside what is set. With a folder,
    /// nothing that was read is shared.
    private func clearTrustedFolder() {
        check(heartmesh_curl_set_string(handle, CURLOPT_CAPATH, nil))
    }

    /// Connects to another host than the URL's, which is then only the name that the server's certificate must carry.
    ///
    /// - Parameter host: A name or an address, IPv6 in brackets.
    package func setConnection(to host: String, port: Int) {
        let old = connection
        connection = curl_slist_append(nil, "::\(host):\(port)")
        if parsedURL?.connection == nil { connect(to: connection) }
        curl_slist_free_all(old)
    }

    /// - Parameter list: Outlives the transfer or is replaced before it goes.
    private func connect(to list: UnsafeMutablePointer<curl_slist>?) {
        if list == place { return }
        place = list
        check(heartmesh_curl_set_list(handle, CURLOPT_CONNECT_TO, list))
    }

    /// A client certificate and its key in PEM form.
    package func setClientCertificate(_ certificate: [UInt8], key: [UInt8]) {
        setBlob(CURLOPT_SSLCERT_BLOB, certificate)
        setBlob(CURLOPT_SSLKEY_BLOB, key)
    }

    // MARK: libcurl's options

    func set(_ option: CURLoption, _ value: Int) {
        check(heartmesh_curl_set_long(handle, option, value))
    }

    func set(_ option: CURLoption, _ value: String) {
        check(heartmesh_curl_set_string(handle, option, value))
    }

    func setBlob(_ option: CURLoption, _ bytes: [UInt8]) {
        check(heartmesh_curl_set_blob(handle, option, bytes, bytes.count))
    }

    func check(_ code: CURLcode) {
        precondition(code == CURLE_OK, String(cString: curl_easy_strerror(code)))
    }
}
