internal import CCurl

extension Transfer {
    /// Whether the next transfers keep what the server's certificates say. libcurl writes all of it out, which takes 20 to
    /// 110 µs for two of them: a tenth of what the connection takes.
    package func setCertificateReading(_ isOn: Bool) {
        set(CURLOPT_CERTINFO, isOn ? 1 : 0)
    }

    /// When the certificates that the server showed run out, its own first, in seconds since the epoch; empty when none
    /// was read, or one of them says it in a way that can't be.
    package var certificateExpiries: [Int64] {
        var pointer: UnsafeMutableRawPointer?
        heartmesh_curl_get_pointer(handle, CURLINFO_CERTINFO, &pointer)
        guard let info = pointer?.assumingMemoryBound(to: curl_certinfo.self).pointee, info.num_of_certs > 0 else {
            return []
        }
        let expiries = (0..<Int(info.num_of_certs)).compactMap { expiry(in: info.certinfo[$0]) }
        return expiries.count == Int(info.num_of_certs) ? expiries : []
    }

    /// - Parameter list: One certificate: `Name:value`, each once.
    private func expiry(in list: UnsafeMutablePointer<curl_slist>?) -> Int64? {
        let name = "Expire date:"
        var next = list
        while let entry = next?.pointee {
            let text = String(cString: entry.data)
            if text.hasPrefix(name) { return CertificateTime.seconds(text.dropFirst(name.count)) }
            next = entry.next
        }
        return nil
    }
}
