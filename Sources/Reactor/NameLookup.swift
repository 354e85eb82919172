internal import CLinux
internal import Glibc

/// Looks up the addresses of hosts without making the loop wait (getaddrinfo_a(3)).
///
/// glibc resolves in threads of its own, as the system is set up: /etc/hosts, resolv.conf(5) with its search list,
/// nsswitch.conf(5). They could tell by a signal or on a thread; here the loop asks them every few milliseconds, for as
/// long as a lookup is under way.
package final class NameLookup {
    package enum Answer: Equatable, Sendable {
        /// As texts, each once, those of both families, in the resolver's order.
        case addresses([String])
        /// There is no such name, or it has no address.
        case nothing
        /// Nobody could tell; perhaps somebody can later.
        case failed(String)
    }

    private let loop: EventLoop
    private let limit: Duration
    private var alarm: Alarm!
    private var deadline = Instant.never
    private var underWay: [LookupRequest] = []
    /// Those that were given up and that glibc still writes into.
    private var abandoned: [LookupRequest] = []
    private var answers: [String: Answer] = [:]
    private var done: (([String: Answer]) -> Void)?

    private static let pollInterval = Duration.milliseconds(5)

    /// - Parameter limit: For all names that are looked up at once: the resolver itself may take half a minute when its
    ///   servers are silent.
    package init(on loop: EventLoop, limit: Duration = .seconds(5)) {
        self.loop = loop
        self.limit = limit
        alarm = loop.alarm { [unowned self] in poll() }
    }

    deinit {
        loop.remove(alarm)
        cancel()
        // glibc has no way to end them, and writes into their memory when they end: that much is left behind.
        for request in abandoned where !request.isOver { request.leave() }
    }

    /// Looks up several names side by side. One at a time: not again before `done`.
    ///
    /// - Parameter done: Called on the loop, once, with an answer for each name, and not from within this call; not at all
    ///   after `cancel`.
    package func lookUp(_ names: Set<String>, done: @escaping ([String: Answer]) -> Void) {
        precondition(self.done == nil, "one at a time")
        self.done = done
        abandoned.removeAll(where: \.isOver)
        let stuck = Set(abandoned.map(\.name))
        for name in names.sorted() {
            if stuck.contains(name) {
                // One more would wait in the same place.
                answers[name] = .failed("an earlier lookup has not come to its end")
                continue
            }
            let request = LookupRequest(name)
            if let problem = request.start() { answers[name] = problem } else { underWay.append(request) }
        }
        deadline = .now() + limit
        alarm.deadline = .now() + (underWay.isEmpty ? .zero : NameLookup.pollInterval)
    }

    /// Ends the lookup that is under way, if any.
    package func cancel() {
        done = nil
        answers = [:]
        alarm.cancel()
        giveUp()
    }

    private func poll() {
        for request in underWay where request.isOver { answers[request.name] = request.answer }
        underWay.removeAll(where: \.isOver)
        if !underWay.isEmpty {
            guard loop.now >= deadline else {
                alarm.deadline = loop.now + NameLookup.pollInterval
                return
            }
            for request in underWay { answers[request.name] = .failed("no answer within \(limit)") }
            giveUp()
        }
        let done = self.done
        let answers = self.answers
        self.done = nil
        self.answers = [:]
        done?(answers)
    }

    private func giveUp() {
        for request in underWay { request.cancel() }
        abandoned = (abandoned + underWay).filter { !$0.isOver }
        underWay = []
    }
}

/// One name's request, in memory that stays where it is until glibc is done with it.
private final class LookupRequest {
    let name: String
    private let block = UnsafeMutablePointer<gaicb>.allocate(capacity: 1)
    private let hints = UnsafeMutablePointer<addrinfo>.allocate(capacity: 1)
    private let text: UnsafeMutablePointer<CChar>
    /// Whether glibc has it, and it is not over yet.
    private var isLeft = false

    init(_ name: String) {
        self.name = name
        guard let text = strdup(name) else { preconditionFailure("strdup: out of memory") }
        self.text = text
        // Without AI_ADDRCONFIG: which families can be reached is for the plan to know, not for this node's interfaces.
        hints.initialize(to: addrinfo())
        hints.pointee.ai_family = AF_UNSPEC
        // One answer for each address, not one for each kind of socket.
        hints.pointee.ai_socktype = Int32(SOCK_STREAM.rawValue)
        block.initialize(to: gaicb())
        block.pointee.ar_name = UnsafePointer(text)
        block.pointee.ar_request = UnsafePointer(hints)
    }

    deinit {
        if isLeft { return }
        if let result = block.pointee.ar_result { freeaddrinfo(result) }
        block.deallocate()
        hints.deallocate()
        free(text)
    }

    /// - Returns: Nil when it is under way; otherwise what came of it at once.
    func start() -> NameLookup.Answer? {
        var list: UnsafeMutablePointer<gaicb>? = block
        var event = sigevent()
        event.sigev_notify = Int32(SIGEV_NONE)
        let code = getaddrinfo_a(GAI_NOWAIT, &list, 1, &event)
        return code == 0 ? nil : NameLookup.answer(code, nil)
    }

    var isOver: Bool { gai_error(block) != EAI_INPROGRESS }

    var answer: NameLookup.Answer { NameLookup.answer(gai_error(block), block.pointee.ar_result) }

    /// Takes it back if no thread has begun with it; otherwise it goes on.
    func cancel() {
        gai_cancel(block)
    }

    /// Keeps the memory for good.
    func leave() {
        isLeft = true
    }
}

extension NameLookup {
    /// - Parameter code: One of getaddrinfo(3)'s.
    static func answer(_ code: Int32, _ list: UnsafeMutablePointer<addrinfo>?) -> Answer {
        switch code {
        case 0: break
        case EAI_NONAME, EAI_NODATA, EAI_ADDRFAMILY: return .nothing
        default: return .failed(String(cString: gai_strerror(code)))
        }
        var texts: [String] = []
        var next = list
        while let entry = next?.pointee {
            var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let length = socklen_t(host.count)
            if getnameinfo(entry.ai_addr, entry.ai_addrlen, &host, length, nil, 0, NI_NUMERICHOST) == 0 {
                let text = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if !texts.contains(text) { texts.append(text) }
            }
            next = entry.ai_next
        }
        return texts.isEmpty ? .nothing : .addresses(texts)
    }
}
