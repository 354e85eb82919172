import Support
import Testing

/// The list's other forms are derived; here they are held against what a real server sent.
struct ObjectListTests {
    @Test(arguments: [
        "3/list/endpointslices-of-service.json", "3/list/endpointslices-namespace.json",
        "3-daemonset/list/endpointslices.json", "100/list/endpointslices-of-service.json",
        "1000/list/endpointslices-of-service.json", "5000/endpointslices-of-service.json", "3/list/pods-selected.json",
    ])
    func takenApartAndPutTogetherItIsTheSame(path: String) throws {
        let recording = try Recording(path)
        #expect(try ObjectList(recording.body).document() == recording.body)
    }

    @Test(arguments: [
        ("5000/endpointslices-of-service.json", "5000/endpointslices-metadata-only.json"),
        ("3/list/pods-selected.json", "3/list/pods-metadata-only.json"),
    ])
    func metadataIsCutOutAsTheServerDoes(whole: String, metadata: String) throws {
        let list = try ObjectList(Recording(whole).body)
        #expect(try list.document(as: .metadata) == Recording(metadata).body)
    }

    @Test func oneObjectAloneIsAsTheServerGivesIt() throws {
        let list = try ObjectList(Recording("5000/endpointslices-of-service.json").body)
        let name = "heartmesh-headless-2845r"
        #expect(try list.document(named: name) == Recording("5000/endpointslice.json").body)
        #expect(list.document(named: "nothing") == nil)
    }

    @Test func theEmptyListIsAsTheServerGivesIt() throws {
        var list = try ObjectList(Recording("3/list/pods-selected.json").body)
        let version = list.resourceVersion
        list.removeAll()
        #expect(list.resourceVersion == version + 1)
        #expect(try list.document(version: version) == Recording("3/list/pods-empty.json").body)
    }

    @Test func anEditChangesTheTextAndTheVersionsOnly() throws {
        let original = try ObjectList(Recording("3/list/endpointslices-of-service.json").body)
        var list = original
        try list.edit("heartmesh-4c7dw") {
            $0 = Array(String(decoding: $0, as: UTF8.self).replacing("8900", with: "1").utf8)
        }
        #expect(list.resourceVersion == 352)
        #expect(list.objects.map(\.resourceVersion) == [352, 289])
        let expected = original.objects[0].text.replacing("8900", with: "1")
            .replacing(#""resourceVersion":"283","generation":1"#, with: #""resourceVersion":"352","generation":2"#)
        #expect(list.objects[0].text == expected)
        #expect(list.objects[1] == original.objects[1])
        #expect(throws: (any Error).self) { try list.edit("heartmesh-4c7dw") { $0.removeLast(500) } }
        #expect(throws: ObjectList.NoSuchObject.self) { try list.edit("nothing") { _ in } }
    }

    @Test func aSliceIsRemoved() throws {
        var list = try ObjectList(Recording("3/list/endpointslices-of-service.json").body)
        try list.remove("heartmesh-4c7dw")
        #expect(list.objects.map(\.name) == ["heartmesh-q5zfh"])
        #expect(list.resourceVersion == 352)
    }
}

struct EndpointChangeTests {
    private let original: ObjectList

    init() throws {
        original = try ObjectList(Recording("3-daemonset/list/endpointslices.json").body)
    }

    /// The conditions that a test sets look as they do when the controller sets them.
    @Test func conditionsAreWrittenAsInARecordedEvent() throws {
        var byHand = original
        try byHand.setConditions(.terminating, ofNode: "node-00000")
        var replayed = original
        let events = try WatchEvent.all(of: Recording("3-daemonset/watch/rolling-update-endpointslices.ndjson"))
        replayed.apply(events[0])
        replayed.apply(events[1])
        for (mine, recorded) in zip(byHand.objects, replayed.objects) {
            let part = #"{"ready":false,"serving":true,"terminating":true}"#
            #expect(mine.text.contains(part))
            #expect(recorded.text.contains(part))
            #expect(mine.text.count(of: #""ready":true"#) == 2)
        }
        #expect(byHand.resourceVersion == original.resourceVersion + 2)
    }

    @Test func endpointsAreRemoved() throws {
        var list = original
        for node in ["node-00000", "node-00001"] { try list.removeEndpoints(ofNode: node) }
        #expect(list.objects.allSatisfy { $0.text.count(of: "nodeName") == 1 && $0.text.contains("node-00002") })
        try list.removeEndpoints(ofNode: "node-00002")
        #expect(list.objects.allSatisfy { $0.text.contains(#""endpoints":[],"ports""#) })
        let version = list.resourceVersion
        try list.removeEndpoints(ofNode: "node-00002")
        #expect(list.resourceVersion == version)
    }

    @Test func addressAndPortAreSet() throws {
        var list = original
        try list.setAddress("127.0.0.11", ofNode: "node-00001")
        try list.setPort(named: "http", to: 1234)
        #expect(list.objects.filter { $0.text.contains(#"{"addresses":["127.0.0.11"],"#) }.count == 1)
        #expect(
            list.objects.allSatisfy {
                $0.text.hasSuffix(
                    #""ports":[{"name":"http","protocol":"TCP","port":1234},"#
                        + #"{"name":"beat","protocol":"UDP","port":8901}]}"#)
            })
    }

    @Test func endpointsOfPodsAreWrittenAsTheServerDoes() throws {
        let original = try ObjectList(Recording("3/list/endpointslices-of-service.json").body)
        var list = original
        try list.setEndpoints([], of: "heartmesh-4c7dw")
        #expect(list.objects.first { $0.name == "heartmesh-4c7dw" }?.text.contains(#""endpoints":[]"#) == true)
        try list.setEndpoints(
            [
                .init(
                    address: "10.64.1.10", conditions: .ready, pod: "heartmesh-00001",
                    uid: "4f5e8904-bcc3-4f40-85ca-d709b678e9be", node: "node-00001", zone: "lab-1b"),
                .init(
                    address: "10.64.2.10", conditions: .ready, pod: "heartmesh-00002",
                    uid: "442fafd4-8fcd-4ad1-b4b4-b8c18417685c", node: "node-00002", zone: "lab-1c"),
                .init(
                    address: "10.64.0.10", conditions: .ready, pod: "heartmesh-00000",
                    uid: "e5cdda83-a84a-40e2-83cc-856c935e767f", node: "node-00000", zone: "lab-1a"),
            ], of: "heartmesh-4c7dw")
        func endpoints(_ list: ObjectList) -> Substring? {
            list.objects.first { $0.name == "heartmesh-4c7dw" }?.text.split(separator: #""endpoints":"#).last
        }
        #expect(endpoints(list) == endpoints(original))
        #expect(list.resourceVersion == original.resourceVersion + 2)
        #expect(throws: ObjectList.NoSuchObject.self) { try list.setEndpoints([], of: "nothing") }
    }

    @Test func aNodeNameIsTakenOut() throws {
        var list = original
        try list.removeNodeName("node-00001")
        #expect(list.objects.allSatisfy { $0.text.count(of: "nodeName") == 2 && $0.text.count(of: "lab-1b") == 1 })
    }

    @Test(arguments: ["rolling-update", "node-failure", "node-added-removed", "pod-deleted"])
    func recordedEventsLeadToRecordedStates(name: String) throws {
        var list = original
        let events = try WatchEvent.all(of: Recording("3-daemonset/watch/\(name)-endpointslices.ndjson"))
        #expect(events.contains { $0.type == "BOOKMARK" && $0.object == nil })
        for event in events {
            list.apply(event)
            #expect(list.resourceVersion == event.resourceVersion)
            if let object = event.object { #expect(list.objects.contains(object)) }
            #expect(list.objects.map(\.name) == ["heartmesh-2knvv", "heartmesh-xw6r9"])
        }
        #expect(list.objects.allSatisfy { $0.text.count(of: "nodeName") == 3 })
    }
}

extension String {
    func count(of part: String) -> Int { ranges(of: part).count }
}
