internal import Mesh

/// The configuration of one exporter. `Configuration()` is what an empty file gives: every key has a default.
struct Configuration: Equatable, Sendable {
    /// Responders of another mesh are the wrong peer.
    var mesh = "default"
    var node = Node()
    var discovery = Discovery()
    var peers = Peers()
    var sweep = Sweep()
    private var channels = Dictionary(uniqueKeysWithValues: Channel.allCases.map { ($0, ChannelSettings()) })
    var limits = Limits()
    var shutdown = Shutdown()

    struct Node: Equatable, Sendable {
        /// Empty: `NODE_NAME` of the environment.
        var name = ""
        /// Empty: as discovered.
        var zone = ""
    }

    struct Discovery: Equatable, Sendable {
        var interval = Duration.seconds(60)
        var source = Source.kubernetes(namespace: "", service: "heartmesh-peers")
    }

    /// Where the peers come from.
    enum Source: Equatable, Sendable {
        /// The EndpointSlices of a headless Service. An empty namespace is the pod's own.
        case kubernetes(namespace: String, service: String)
        /// A static mesh document.
        case file(path: String)
    }

    struct Peers: Equatable, Sendable {
        /// Up to so many nodes each probes all others at full rate.
        var fullMeshLimit = 32
        /// Above that, so many peers.
        var watch = 16
        var suspects = 8
        var warmup = Duration.seconds(30)
    }

    struct Sweep: Equatable, Sendable {
        var period = Duration.seconds(600)
    }

    struct ChannelSettings: Equatable, Sendable {
        var mode = Mode.auto
        var interval = Duration.seconds(10)
        /// May exceed the interval: attempts on one target may overlap.
        var timeout = Duration.seconds(4)
        var protocols: [ProbeProtocol] = [.http]
    }

    enum Mode: String, CaseIterable, Sendable {
        /// On when its object exists and has an address.
        case auto
        /// As `auto`, and a missing object is an error.
        case on
        case off
    }

    struct Limits: Equatable, Sendable {
        var probesPerSecond = 100
        var series = 2000
    }

    struct Shutdown: Equatable, Sendable {
        var drain = Duration.seconds(15)
    }

    subscript(channel: Channel) -> ChannelSettings {
        get { channels[channel] ?? ChannelSettings() }
        set { channels[channel] = newValue }
    }
}

extension Configuration {
    /// What is wrong with the name of a mesh, node or zone, if anything. They travel in the header of every answer
    /// (`Identity`), so they have the form of Kubernetes' names and label values, upper case allowed:
    /// `[A-Za-z0-9]([-A-Za-z0-9_.]{0,251}[A-Za-z0-9])?`.
    static func complaint(aboutName name: String) -> String? {
        isName(name, longest: 253) { $0.isLetter || $0.isDigit || [.dash, .underscore, .dot].contains($0) }
            ? nil : "is not a name: up to 253 letters, digits, '-', '_' and '.', a letter or digit at both ends"
    }

    /// The same for a namespace or Service, which becomes a part of the API's URLs: a DNS label (RFC 1123).
    static func complaint(aboutLabel label: String) -> String? {
        isName(label, longest: 63) { $0.isLowercase || $0.isDigit || $0 == .dash }
            ? nil : "is not a DNS label: up to 63 small letters, digits and '-', a letter or digit at both ends"
    }

    private static func isName(_ name: String, longest: Int, _ isAllowed: (UInt8) -> Bool) -> Bool {
        guard let first = name.utf8.first, let last = name.utf8.last, name.utf8.count <= longest else { return false }
        return name.utf8.allSatisfy(isAllowed) && [first, last].allSatisfy { $0.isLetter || $0.isDigit }
    }
}

extension UInt8 {
    fileprivate static let dash = UInt8(ascii: "-")
    fileprivate static let underscore = UInt8(ascii: "_")
    fileprivate static let dot = UInt8(ascii: ".")

    fileprivate var isLowercase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    fileprivate var isLetter: Bool { isLowercase || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
