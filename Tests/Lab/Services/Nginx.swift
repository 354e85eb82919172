import Foundation
import Support

/// An nginx in a namespace.
final class Nginx: Sendable {
    private let namespace: NetworkNamespace
    private let configuration: String
    private let folder: String
    private let address: SocketAddress
    private let running = Mutable<Running?>(nil)

    /// - Parameters:
    ///   - http: What stands in the `http` block.
    ///   - address: One that it listens on.
    init(
        _ name: String, http: String, listening address: SocketAddress, in namespace: NetworkNamespace, _ folder: Folder
    ) throws {
        self.namespace = namespace
        self.folder = folder.path
        self.address = address
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(name)-\($0);"
        }
        configuration = try folder.write(
            """
            daemon off;
            master_process off;
            pid \(name).pid;
            error_log stderr;
            events { worker_connections 512; }
            http {
            access_log off;
            \(temporary.joined(separator: " "))
            \(http)
            }

            """, "\(name).conf")
    }

    /// Returns when it listens.
    func start() async throws {
        let process = try launch(
            "nginx", ["-p", folder, "-c", configuration, "-e", "stderr"], in: namespace)
        running.set(process)
        // All of its sockets listen before it accepts on any.
        try await eventually(within: .seconds(20), "nginx listens on \(address); its errors: \(process.errorText)") {
            if let exit = process.exit { throw ToolFailed(description: "nginx: \(exit) \(process.errorText)") }
            try await namespace.run { [address] in
                try Connection.open(to: address, deadline: .now + .seconds(1)).close()
            }
            return true
        }
    }

    /// Kills it: its ports refuse.
    func stop() {
        running.set(nil)?.stop()
    }

    /// What it has written to its error output since its start.
    var errors: String { running.value?.errorText ?? "it does not run" }
}

/// A value that several threads use, one at a time.
final class Mutable<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var current: Value

    init(_ value: Value) {
        current = value
    }

    var value: Value { lock.withLock { current } }

    /// - Returns: The value before.
    @discardableResult
    func set(_ value: Value) -> Value {
        lock.withLock {
            let old = current
            current = value
            return old
        }
    }

    func with<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try lock.withLock { try body(&current) }
    }
}
