/// Objects of one kind as the API server answers for them: the list, and earlier states that pages still come from.
struct ServedList: Sendable {
    /// The status line and headers of the recorded list.
    let head: RecordingTable.Head
    /// `/api/v1/namespaces/heartmesh/services`.
    let path: String
    private(set) var list: ObjectList
    /// A real server answers a limited list with `resourceVersion=0` from its watch cache, whole. Pages come only from
    /// etcd. True makes it give pages in both cases.
    var pagesCachedLists = false
    /// States that a token was given out for, by version: a list that comes in pages is consistent.
    private var states: [Int: ObjectList] = [:]

    /// - Parameter path: That of the recorded request when it is nil.
    init(_ recording: Recording, path: String? = nil) throws {
        guard let path = path ?? recording.asked.map({ HTTPRequest(method: $0.method, target: $0.target).path }) else {
            throw Recording.Missing(path: recording.path, what: "request")
        }
        head = recording.head
        self.path = path
        list = try ObjectList(recording.body)
    }

    /// The EndpointSlices of a Service, in the namespace that they were recorded in.
    init(endpointSlices recording: Recording) throws {
        let namespace = try ObjectList(recording.body).objects.first?.namespace ?? "heartmesh"
        try self.init(recording, path: "/apis/discovery.k8s.io/v1/namespaces/\(namespace)/endpointslices")
    }

    /// `services`, `endpointslices`.
    var resource: String { String(path.split(separator: "/").last ?? "") }

    /// `discovery.k8s.io`; nil for the core group.
    private var group: String? {
        let parts = path.split(separator: "/")
        return parts.first == "apis" ? String(parts[1]) : nil
    }

    mutating func change(_ body: (inout ObjectList) throws -> Void) rethrows {
        try body(&list)
    }

    /// Forgets earlier states, as etcd's compaction does every five minutes: tokens for them are answered 410.
    mutating func compact() {
        states = [:]
    }

    /// - Returns: Nil when the request is not for these objects.
    mutating func answer(_ request: HTTPRequest) throws -> Answer? {
        guard request.method == "GET" else { return nil }
        if request.path == path { return try answerList(request) }
        guard request.path.hasPrefix(path + "/") else { return nil }
        let name = String(request.path.dropFirst(path.count + 1))
        guard let document = list.document(named: name) else { return try Answer.notFound(name, resource, group) }
        return answer(document)
    }

    private mutating func answerList(_ request: HTTPRequest) throws -> Answer {
        let query = request.query
        // Nobody here has the right to watch.
        if query["watch"] != nil { return try Recording("3/errors/403-watch-endpointslices.json").answer }
        let form: ObjectList.Form = request.wantsMetadata ? .metadata : .whole
        let selector = query["labelSelector"] ?? ""
        let limit = query["limit"].flatMap { Int($0) } ?? 0
        guard let continued = query["continue"] else {
            let isCached = query["resourceVersion"] == "0" && !pagesCachedLists
            return page(of: list, after: nil, limit: isCached ? 0 : limit, form, selector)
        }
        guard let token = ContinueToken(continued) else { return try Recording("3/errors/400-continue.json").answer }
        guard let state = token.version == -1 ? list : states[token.version] else { return try Answer.gone(request) }
        return page(of: state, after: token.after, limit: limit, form, selector)
    }

    private mutating func page(
        of state: ObjectList, after: String?, limit: Int, _ form: ObjectList.Form, _ selector: String
    ) -> Answer {
        let rest = state.objects.filter { object in
            object.name > after ?? "" && object.matches(selector)
        }
        guard limit > 0, rest.count > limit else { return answer(state.document(of: rest, as: form)) }
        let chosen = Array(rest.prefix(limit))
        states[state.resourceVersion] = state
        let token = ContinueToken(version: state.resourceVersion, after: chosen[limit - 1].name)
        let remaining = selector.isEmpty ? rest.count - limit : nil
        return answer(state.document(of: chosen, as: form, next: token.text, remaining: remaining))
    }

    private func answer(_ document: [UInt8]) -> Answer {
        var answer = Answer(statusLine: head.statusLine, headers: head.headers, body: document)
        answer.frame()
        return answer
    }
}

extension HTTPRequest {
    /// Whether it asks for `PartialObjectMetadataList`.
    fileprivate var wantsMetadata: Bool {
        headers["Accept"]?.contains("as=PartialObjectMetadataList") ?? false
    }
}

extension StoredObject {
    /// Understands selectors of the form `key=value,key=value`.
    fileprivate func matches(_ selector: String) -> Bool {
        selector.split(separator: ",").allSatisfy { term in
            let parts = term.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 && labels[String(parts[0])] == String(parts[1])
        }
    }
}

extension Answer {
    /// The recorded 404 with another name in it.
    fileprivate static func notFound(_ name: String, _ resource: String, _ group: String?) throws -> Answer {
        let recording = try Recording("3/errors/404-service.json")
        let qualified = group.map { "\(resource).\($0)" } ?? resource
        let field = group.map { #""group":"\#($0)","# } ?? ""
        let text = recording.text
            .replacing(#"services \"nothing\""#, with: #"\#(qualified) \"\#(name)\""#)
            .replacing(
                #"{"name":"nothing","kind":"services"}"#, with: #"{"name":"\#(name)",\#(field)"kind":"\#(resource)"}"#)
        var answer = recording.answer
        answer.body = Array(text.utf8)
        answer.frame()
        return answer
    }

    /// The recorded 410: for a page, with a token that goes on from the same place.
    static func gone(_ request: HTTPRequest) throws -> Answer {
        guard let asked = request.query["continue"] else { return try Recording("3/errors/410-list-exact.json").answer }
        let recording = try Recording("3/errors/410-continue.json")
        var answer = recording.answer
        if let token = ContinueToken(asked), let old = try JSONText.find(["metadata", "continue"], in: answer.body) {
            let new = ContinueToken(version: -1, after: token.after).text
            answer.body.replaceSubrange(old, with: Array("\"\(new)\"".utf8))
            answer.frame()
        }
        return answer
    }
}
