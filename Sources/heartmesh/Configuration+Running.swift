internal import Documents

extension Configuration {
    /// An exporter that runs, as far as another configuration has to fit it.
    struct Running {
        let configuration: Configuration
        let options: RunOptions
        /// Its node's name, whoever has given it.
        let node: String
    }

    /// Notes an error for each value that an exporter can't change while it runs: who it is, and where its peers come from.
    func refuseChanges(of running: Running, in root: Field) {
        func refuse(_ key: String, _ old: String, _ new: String) {
            if old == new { return }
            let change = "can't become \(new.quoted) instead of \(old.quoted) while the exporter runs: restart it"
            if let field = root.value(at: key) { field.refuse(change) } else { root.refuse("\(key) \(change)") }
        }
        refuse("mesh", running.configuration.mesh, mesh)
        refuse("node.name", running.node, running.options.nodeName(self) ?? "")
        switch (running.configuration.discovery.source, discovery.source) {
        case (.kubernetes(let oldNamespace, let oldService), .kubernetes(let namespace, let service)):
            refuse("discovery.kubernetes.namespace", oldNamespace, namespace)
            refuse("discovery.kubernetes.service", oldService, service)
        case (.file(let old), .file(let new)):
            refuse("discovery.file", old, new)
        case (let old, let new):
            let field = ["discovery.file", "discovery.kubernetes", "discovery"].lazy.compactMap(root.value(at:)).first
            (field ?? root).refuse(
                "the peers can't come from \(new.text) instead of \(old.text) while the exporter runs: restart it")
        }
    }
}

extension Configuration.Source {
    fileprivate var text: String {
        switch self {
        case .kubernetes: "Kubernetes"
        case .file: "a file"
        }
    }
}
