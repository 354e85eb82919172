import Support

extension Cluster {
    /// Breaks something for as long as the body runs, however that ends.
    func during(
        _ fault: Fault, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Void
    ) async throws {
        try cause(fault)
        do {
            try await body()
        } catch {
            try await undo(fault)
            throw error
        }
        try await undo(fault)
    }

    /// Breaks something, until `undo`.
    func cause(_ fault: Fault) throws {
        switch fault {
        case .nodeLinkDown(let letter):
            try network.ip(["link set eth0 down"], in: network[Node.named(letter).name])
        case .podLinkDown(let letter):
            try network.ip(["link set eth0 down"], in: network.pod(.named(letter)))
        case .staleEndpoint(let on, let of):
            try loadProxy(of: .named(on)) { $0.change(of) { $0.addresses = Site.strayPods } }
        case .wrongPort(let on, let of):
            try loadProxy(of: .named(on)) { $0.change(of) { $0.port = 1 } }
        case .policyIgnored(let letter):
            try loadProxy(of: .named(letter)) { $0.followsPolicies = false }
        case .proxyDead(let letter):
            try network.nft("delete table inet \(KubeProxy.table)", in: network[Node.named(letter).name])
        case .ingressDown: ingress.stop()
        case .ingressBusy: try ingress.setBusy(true)
        case .multusDown: try network.ip(["link set br0 down"], in: network["storage-net"])
        default: try drop(fault)
        }
    }

    /// Mends it, so that everything is as it was.
    func undo(_ fault: Fault) async throws {
        switch fault {
        case .nodeLinkDown(let letter): try raise(Node.named(letter).name)
        case .podLinkDown(let letter): try raise("pod-\(letter)")
        case .staleEndpoint(let on, _), .wrongPort(let on, _), .policyIgnored(let on), .proxyDead(let on):
            try loadProxy(of: .named(on))
        case .ingressDown: try await ingress.start()
        case .ingressBusy: try ingress.setBusy(false)
        case .multusDown: try network.ip(["link set br0 up"], in: network["storage-net"])
        default:
            guard let place = place(of: fault) else { preconditionFailure("\(fault) is no loss") }
            let tables = place.rules.keys.map { "delete table \($0) \(place.table)" }
            try network.nft(tables.joined(separator: "\n"), in: place.router)
        }
    }

    /// Brings a child's link back: the kernel has forgotten its routes.
    private func raise(_ child: String) throws {
        try network.ip(network.cabling.link(ofChild: child).childLines, in: network[child])
    }

    // MARK: Losses on a router

    /// Where packets pass, and what becomes of them.
    private struct Place {
        let router: NetworkNamespace
        let table: String
        /// By the family of the table.
        let rules: [String: [String]]
    }

    private func place(of fault: Fault) -> Place? {
        func atNode(_ letter: String, _ table: String, _ rules: (String) -> [String]) -> Place {
            let node = Node.named(letter)
            return Place(
                router: network[node.zone], table: "\(table)-\(letter)", rules: ["inet": rules(node.name)])
        }
        switch fault {
        case .lossTowards(let letter):
            return atNode(letter, "loss-towards") { ["oifname \($0) drop"] }
        case .lossFrom(let letter):
            return atNode(letter, "loss-from") { ["iifname \($0) drop"] }
        case .newConnectionsDropped(let from, let to):
            let other = Node.named(from)
            let sources = zip(["ip", "ip6"], zip(other.addresses, other.podNetworks)).map { family, own in
                "\(family) saddr { \(own.0), \(own.1) }"
            }
            return atNode(to, "firewall-\(from)") { interface in
                sources.map { "oifname \(interface) \($0) tcp flags & (syn | ack) == syn drop" }
            }
        case .loss(let percent, let letter):
            return atNode(letter, "loss") { name in
                ["iifname", "oifname"].map { "\($0) \(name) numgen random mod 100 < \(percent) drop" }
            }
        case .zoneCut(let zone):
            return Place(
                router: network[zone], table: "zone-cut", rules: ["inet": ["iifname eth0 drop", "oifname eth0 drop"]])
        case .ipv6Broken(let letter):
            return atNode(letter, "ipv6") { name in
                ["iifname", "oifname"].map { "\($0) \(name) meta nfproto ipv6 drop" }
            }
        case .largePacketsDropped(let letter, let way):
            return atNode(letter, "large") { name in
                way.interfaces.map { "\($0) \(name) meta length > 1400 drop" }
            }
        case .pingsDropped(let letter):
            return atNode(letter, "pings") { name in
                ["iifname", "oifname"].map { "\($0) \(name) meta l4proto { icmp, ipv6-icmp } drop" }
            }
        case .datagramsDoubled(let letter):
            let node = Node.named(letter)
            let rules = node.addresses.map {
                ["oifname \(node.name) meta l4proto udp dup to \($0) device \(node.name)"]
            }
            return Place(
                router: network[node.zone], table: "doubled-\(letter)", rules: ["ip": rules[0], "ip6": rules[1]])
        default: return nil
        }
    }

    private func drop(_ fault: Fault) throws {
        guard let place = place(of: fault) else { preconditionFailure("\(fault) is no loss") }
        let tables = place.rules.map { family, rules in
            """
            table \(family) \(place.table) {
            chain forward {
            type filter hook forward priority -300
            \(rules.joined(separator: "\n"))
            }
            }
            """
        }
        try network.nft(tables.joined(separator: "\n"), in: place.router)
    }
}

extension KubeProxy {
    fileprivate mutating func change(_ letter: String, _ body: (inout Endpoint) -> Void) {
        for index in endpoints.indices where endpoints[index].node.letter == letter { body(&endpoints[index]) }
    }
}
