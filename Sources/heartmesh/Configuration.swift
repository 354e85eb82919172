internal import Mesh
internal import Probing

/// The configuration of one exporter. `Configuration()` is what an empty file gives: every key has a default.
struct Configuration: Equatable, Sendable {
    /// Responders of another mesh are the wrong peer.
    var mesh = "default"
    var node = Node()
    var discovery = Discovery()
    var peers = Peers()
    var sweep = Sweep()
    private var channels = Dictionary(
        uniqueKeysWithValues: Channel.allCases.map { ($0, ChannelSettings(of: $0)) })
    /// Targets of one's own.
    var probes: [Probe] = []
    var limits = Limits()
    var shutdown = Shutdown()
    /// The paths of certificates, keys, secrets and bodies that it names.
    var files: Set<String> = []

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
        var fullMeshLimit = 20
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
        var interval: Duration
        /// May exceed the interval: attempts on one target may overlap.
        var timeout = Duration.seconds(4)
        var protocols: [ProbeProtocol]
        /// Of `node`: the port that every node listens on; the default is the kubelet's.
        var port: UInt16 = 10250
        /// The probes with a large payload, on channels that can have them.
        var large: LargeSettings
        /// Of `ingress`: the file with the certificates that are trusted; empty: the system's.
        var caFile = ""
        /// Of `dns`: the file that names the servers.
        var resolvConf = "/etc/resolv.conf"
        /// Of `dns`: what the servers are asked for; nil: the cluster's own name for its API server.
        var name: DNSName?
        /// Of `dns`; empty: those that fit the name.
        var types: [DNSType] = []

        /// The defaults of a channel. One that leads all nodes to the same place goes there less often.
        init(of channel: Channel) {
            switch channel {
            case .loadBalancer, .ingress, .apiServer, .dns, .url: interval = .seconds(30)
            case .pod, .multus, .node, .clusterIP, .hairpin, .nodePort: interval = .seconds(10)
            }
            protocols = channel.defaultProtocols
            large = LargeSettings(of: channel)
        }
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
        get { channels[channel] ?? ChannelSettings(of: channel) }
        set { channels[channel] = newValue }
    }
}

extension Configuration {
    /// What is wrong with the name of a namespace or a Service, if anything. It becomes a part of the API's URLs: a DNS
    /// label (RFC 1123, section 2.1).
    static func complaint(aboutLabel label: String) -> String? {
        let isLabel =
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        return isLabel
            ? nil : "is not a DNS label: up to 63 small letters, digits and '-', a letter or digit at both ends"
    }
}
