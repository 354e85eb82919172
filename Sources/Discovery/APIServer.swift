internal import Glibc
internal import Reactor

/// Where the API server is, and how this exporter proves to it who it is.
package struct APIServer {
    /// Who is asked: `https://10.96.0.1:443`, without a path's last slash.
    let url: String
    /// What the server's certificate is checked against, in PEM form; nil: the system's.
    package var trust: [UInt8]?
    /// The name that the certificate must carry, where it is not the URL's host.
    var serverName: String?
    var token = Token.none
    var clientCertificate: (certificate: [UInt8], key: [UInt8])?
    /// Whether this process is a pod of the server's cluster.
    var isInCluster = false
    /// The namespace to look in unless another one is configured.
    package var namespace: String?

    enum Token: Equatable {
        case none
        case literal(String)
        /// Read again for each discovery: the kubelet replaces it before it expires.
        case file(String)
    }

    init(url: String) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    /// A set-up that can't work, and why.
    package struct Invalid: Error, CustomStringConvertible {
        package let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// The value of the header `Authorization`; nil without a token.
    func authorization() throws(DiscoveryFailure) -> String? {
        switch token {
        case .none: return nil
        case .literal(let token): return "Bearer \(token)"
        case .file(let path):
            do {
                return "Bearer \(try APIServer.readToken(path))"
            } catch {
                throw DiscoveryFailure(.credentials, error.description)
            }
        }
    }

    static func readToken(_ path: String) throws(Invalid) -> String {
        do {
            let text = String(decoding: try readFile(path, limit: 64 << 10), as: UTF8.self)
            let token = text.filter { !$0.isWhitespace }
            if token.isEmpty { throw Invalid("the token in \(path) is empty") }
            return token
        } catch let error as Invalid {
            throw error
        } catch {
            throw Invalid("the token can't be read: \(error)")
        }
    }

    package static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The API server of the cluster in which this process runs as a pod, by its service account.
    package static func inCluster(
        folder: String = serviceAccountFolder, environment: (String) -> String?
    ) throws(Invalid) -> APIServer {
        guard let host = environment("KUBERNETES_SERVICE_HOST"), let port = environment("KUBERNETES_SERVICE_PORT"),
            !host.isEmpty, !port.isEmpty
        else {
            throw Invalid(
                "this is not a pod of a cluster (KUBERNETES_SERVICE_HOST is not set): "
                    + "give --kubeconfig, or name a static mesh with discovery.file")
        }
        var server = APIServer(url: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)")
        server.isInCluster = true
        do {
            server.trust = try readFile("\(folder)/ca.crt", limit: 1 << 20)
        } catch {
            throw Invalid("the cluster's certificate authority can't be read: \(error)")
        }
        _ = try readToken("\(folder)/token")
        server.token = .file("\(folder)/token")
        if let bytes = try? readFile("\(folder)/namespace", limit: 1 << 10) {
            let name = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
            server.namespace = name.isEmpty ? nil : name
        }
        return server
    }
}
