internal import Mesh
internal import Reactor

/// Looks up the addresses of hosts; `NameLookup` does it for real.
protocol NameResolver: AnyObject {
    func lookUp(_ names: Set<String>, done: @escaping ([String: NameLookup.Answer]) -> Void)
    func cancel()
}

extension NameLookup: NameResolver {}

/// The addresses of the names that services have instead of their own: new names are looked up at once, all again and
/// again.
final class Names {
    private let resource: DiscoveryResource
    private let addressLimit: Int
    private unowned let observer: any DiscoveryObserver
    private let resolver: any NameResolver
    /// Between two looks. Another one holds from the next look on.
    var interval: Duration {
        didSet { backoff.limit = interval }
    }
    private let loop: EventLoop
    private let changed: () -> Void
    private var alarm: Alarm!
    private var backoff: Backoff
    private var isLooking = false
    private var wanted: Set<String> = []
    private var known: [String: [IPAddress]] = [:]

    /// A name with more is a pool of servers that nobody means to have probed one by one.
    static let addressLimit = 16

    /// - Parameters:
    ///   - resource: As what the observer is told of them.
    ///   - addressLimit: Of one name; those beyond it are left out.
    ///   - observer: Not owned; outlives this object.
    ///   - changed: Called when a name has other addresses than before, or none of the new names is unknown any more.
    init(
        _ resource: DiscoveryResource = .names, addressLimit: Int = Names.addressLimit, every interval: Duration,
        on loop: EventLoop, resolver: (any NameResolver)?, observer: any DiscoveryObserver,
        changed: @escaping () -> Void
    ) {
        self.resource = resource
        self.addressLimit = addressLimit
        self.observer = observer
        self.resolver = resolver ?? NameLookup(on: loop)
        self.interval = interval
        self.loop = loop
        self.changed = changed
        backoff = Backoff(first: .seconds(1), limit: interval)
        alarm = loop.alarm { [unowned self] in look() }
    }

    deinit {
        loop.remove(alarm)
        resolver.cancel()
    }

    /// - Parameter names: All that are wanted from now on; others are forgotten.
    func want(_ names: Set<String>) {
        wanted = names
        known = known.filter { names.contains($0.key) }
        if !isLooking, hasUnknown { look() }
    }

    /// Whether there are names that nobody has looked up yet.
    var hasUnknown: Bool { wanted.contains { known[$0] == nil } }

    /// Empty when the name has no address, or none could be found out; nil while it is not looked up yet.
    subscript(name: String) -> [IPAddress]? { known[name] }

    private func look() {
        alarm.cancel()
        // Nothing is left to look up: that is no failure that grows old.
        if wanted.isEmpty { return succeeded() }
        isLooking = true
        resolver.lookUp(wanted) { [unowned self] answers in received(answers) }
    }

    private func received(_ answers: [String: NameLookup.Answer]) {
        isLooking = false
        let old = known
        var problems: [String] = []
        for name in answers.keys.sorted() where wanted.contains(name) {
            switch answers[name] {
            case .addresses(let texts):
                let addresses = Set(texts.compactMap { IPAddress($0) })
                    .sorted { ($0.family.rawValue, $0.description) < ($1.family.rawValue, $1.description) }
                known[name] = Array(addresses.prefix(addressLimit))
            case .nothing:
                known[name] = []
            case .failed(let text):
                // What it had it may have still.
                known[name] = known[name] ?? []
                problems.append("\(name): \(text)")
            case nil: break
            }
        }
        if let first = problems.first {
            let more = problems.count > 1 ? ", and \(problems.count - 1) more" : ""
            let wait = backoff.failed(retryAfter: .zero, random: .random(in: 0..<1))
            alarm.deadline = loop.now + wait
            observer.discoveryFailed(resource, DiscoveryFailure(.resolve, first + more))
        } else {
            succeeded()
        }
        // Some came to be wanted while these were looked up.
        if hasUnknown { look() } else if known != old { changed() }
    }

    private func succeeded() {
        backoff.succeeded()
        alarm.deadline = loop.now + interval * (0.9 + Double.random(in: 0..<0.2))
        observer.discoverySucceeded(resource, invalid: [])
    }
}
