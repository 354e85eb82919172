internal import CCurl
internal import Glibc

/// Why a transfer ended without a whole reply.
package struct TransferFailure: Error, CustomStringConvertible, Sendable {
    package enum Kind: Sendable {
        case resolve, refused, timeout, reset, unreachable, tls, `protocol`, body, permission, local
    }

    package let kind: Kind
    private let code: UInt32
    private let errno: Int32
    /// What is wrong with the certificate or the secure connection.
    private let text: String?

    /// - Parameters:
    ///   - errno: What the socket's last system call failed with, 0 if none did.
    ///   - text: What libcurl says beside the code.
    init(_ code: CURLcode, errno: Int32, isEncrypted: Bool, text: UnsafePointer<CChar>) {
        kind = TransferFailure.kind(code, errno: errno, isEncrypted: isEncrypted)
        self.text = kind == .tls && text[0] != 0 ? String(cString: text) : nil
        self.code = code.rawValue
        self.errno = errno
    }

    /// Of a transfer that was cancelled because its time was up.
    package static let timeout = TransferFailure(kind: .timeout, code: CURLE_OPERATION_TIMEDOUT.rawValue)

    private init(kind: Kind, code: UInt32) {
        self.kind = kind
        self.code = code
        errno = 0
        text = nil
    }

    package var description: String {
        let text = text ?? String(cString: curl_easy_strerror(CURLcode(code)))
        return errno == 0 ? text : "\(text): \(systemErrorText(errno))"
    }

    private static func kind(_ code: CURLcode, errno: Int32, isEncrypted: Bool) -> Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return .resolve
        case CURLE_OPERATION_TIMEDOUT:
            return .timeout
        case CURLE_COULDNT_CONNECT:
            return Kind(connectError: errno)
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR:
            switch errno {
            case ETIMEDOUT: return .timeout
            case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN: return .unreachable
            case ENOBUFS, ENOMEM: return .local
            // The socket is well; libcurl did not take what it read: bad chunks, a head of more than 300 KB. OpenSSL's
            // errors, the end without a farewell among them, have no number either.
            case 0 where !isEncrypted: return .protocol
            default: return .reset
            }
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE:
            // The connection was closed before the reply was whole.
            return .reset
        case CURLE_WRITE_ERROR:
            return .body
        case CURLE_SSL_CONNECT_ERROR where errno == ECONNRESET || errno == EPIPE:
            // The connection broke within the handshake: somebody on the way, or nobody behind a load balancer.
            return .reset
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
            return .tls
        case CURLE_OUT_OF_MEMORY:
            // libcurl's word for a header line of more than 100 KB, too. When memory really runs out, Linux kills.
            return .protocol
        case CURLE_FAILED_INIT, CURLE_INTERFACE_FAILED, CURLE_ABORTED_BY_CALLBACK,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED:
            return .local
        default:
            // What is left are replies that are not HTTP: a strange status line, headers without end, a bad encoding.
            return .protocol
        }
    }
}

extension TransferFailure.Kind {
    /// connect(2)'s errors, of which those of our own side must not be taken for the network's.
    package init(connectError errno: Int32) {
        switch errno {
        case ECONNREFUSED: self = .refused
        case ECONNRESET, EPIPE: self = .reset
        case ETIMEDOUT: self = .timeout
        case EACCES, EPERM: self = .permission
        // EADDRNOTAVAIL: all ports of this machine's are taken.
        case EMFILE, ENFILE, EADDRNOTAVAIL, EADDRINUSE, ENOBUFS, ENOMEM, EAGAIN: self = .local
        default: self = .unreachable
        }
    }
}
