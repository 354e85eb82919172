import Support
import Testing

/// How pods come and go.
extension Fleet {
    /// Starts all of them at once, as the first installation does, and waits until all probe each other.
    ///
    /// - Parameter areActive: Whether to wait until all know that all are ready, which takes a second look.
    func start(areActive: Bool = true) async throws {
        for node in nodes { _ = create(node) }
        try publish()
        for node in nodes { try run(pod(of: node)) }
        for node in nodes { try await waitUntilReady(pod(of: node)) }
        try await waitUntilAllAreReached(areActive: areActive)
    }

    /// What the kubelet does about the readiness probe.
    func waitUntilReady(_ pod: Pod) async throws {
        try await eventually(within: .seconds(60), "\(pod.name) on \(pod.node) is ready") {
            try await get("/-/ready", of: pod).status == 200
        }
        set(.ready, pod)
        try publish()
    }

    /// Waits until its responder listens.
    func waitUntilItAnswers(_ pod: Pod) async throws {
        try await eventually(within: .seconds(60), "\(pod.name) on \(pod.node) answers") {
            try await HTTPGet.fetch("http://\(pod.host):\(responderPort.port)/").status == 200
        }
    }

    /// Deletes a pod as the DaemonSet controller does: its endpoint says that it is terminating, and the kubelet sends
    /// SIGTERM at the same time. When the process has ended the endpoint goes, too.
    func delete(_ node: String) async throws {
        let pod = pod(of: node)
        set(.ending, pod)
        try publish()
        process(of: pod).terminate()
        try await waitForEnd(of: pod)
        #expect(process(of: pod).exit == .code(0))
        set(.ended, pod)
        try publish()
        set(nil, pod)
        try publish()
    }

    /// Waits until the process has ended by itself, and keeps what it shows until then.
    func waitForEnd(of pod: Pod) async throws {
        let process = process(of: pod)
        try await eventually(within: .seconds(30), "\(pod.name) on \(pod.node) ends") {
            if process.exit != nil { return true }
            _ = try? await scrape(pod)
            return false
        }
    }

    /// A new pod in a node's place, on another address: known to the API before its container runs.
    func replace(_ node: String, host: String? = nil) async throws {
        let pod = create(node, host: host)
        try publish()
        // How long the container takes to start: a part of the rollout, and nothing is waited for.
        try await Task.sleep(for: .milliseconds(300))
        try run(pod)
        try await waitUntilReady(pod)
    }

    /// Replaces all pods, so many at a time, as a DaemonSet with that `maxUnavailable` does.
    func roll(maxUnavailable: Int) async throws {
        let nodes = nodes
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<maxUnavailable {
                group.addTask {
                    for index in stride(from: lane, to: nodes.count, by: maxUnavailable) {
                        try await self.delete(nodes[index])
                        try await self.replace(nodes[index])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Waits until every exporter has got two more answers of every other, and knows all of them as active.
    func waitUntilAllAreReached(areActive: Bool = true) async throws {
        let running = runningPods
        var before: [String: [String: Double]] = [:]
        for pod in running { before[pod.uid] = Page(pod: pod, scrape: try await scrape(pod)).successes }
        for pod in running {
            let others = running.map(\.node).filter { $0 != pod.node }
            try await eventually(within: .seconds(90), "\(pod.node) reaches all of its peers") {
                let scrape = try await scrape(pod)
                let now = Page(pod: pod, scrape: scrape).successes
                let missed = others.filter { now[$0, default: 0] < before[pod.uid]![$0, default: 0] + 2 }
                let known = scrape.sum("heartmesh_peers", areActive ? ["state": "active"] : [:])
                return "\(Int(known)) of \(others.count) known, not reached: \(missed.sorted())"
            } until: {
                $0 == "\(others.count) of \(others.count) known, not reached: []"
            }
        }
    }
}

/// How they go without a goodbye.
extension Fleet {
    /// Kills them all at once; so much later the API says that they are gone, and each gets a new pod.
    func loseAndReplace(_ nodes: [String], tellingAfter delay: Duration) async throws {
        let lost = pods(of: nodes)
        // What they have counted goes with them.
        for pod in lost { try await scrape(pod) }
        for pod in lost { process(of: pod).kill() }
        // How late the API is: the fault itself.
        try await Task.sleep(for: delay)
        for pod in lost { set(nil, pod) }
        try publish()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes { group.addTask { try await self.replace(node) } }
            try await group.waitForAll()
        }
    }
}
