import Support
import Testing

/// Nodes, Pods, Services and Ingresses come as the real server sent them: whole, as metadata, by name, by label.
struct ServedListTests {
    private let api: RecordedAPI
    private let metadata: Headers = ["Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"]

    init() throws {
        api = try RecordedAPI()
        for name in ["nodes", "pods-selected", "services-selected", "ingresses"] {
            try api.serve(list: "100/list/\(name).json")
        }
    }

    private func get(_ target: String, _ headers: Headers = [:]) async throws -> HTTPResponse {
        try await HTTPGet.fetch(api.url + target, headers: headers)
    }

    @Test(arguments: [
        ("/api/v1/nodes", "nodes"),
        ("/api/v1/namespaces/heartmesh/pods", "pods-selected"),
        ("/api/v1/namespaces/heartmesh/services?labelSelector=app.kubernetes.io/name%3Dheartmesh", "services-selected"),
        ("/apis/networking.k8s.io/v1/namespaces/heartmesh/ingresses", "ingresses"),
    ])
    func theListIsTheRecordedOne(target: String, name: String) async throws {
        #expect(try await get(target).body == Recording("100/list/\(name).json").body)
    }

    /// Of the three nodes, where nothing changed between the two recordings.
    @Test(arguments: [
        ("/api/v1/nodes", "nodes", "nodes"), ("/api/v1/namespaces/heartmesh/pods", "pods-selected", "pods"),
    ])
    func theMetadataAreTheRecordedOnes(target: String, list: String, name: String) async throws {
        try api.serve(list: "3/list/\(list).json")
        #expect(try await get(target, metadata).body == Recording("3/list/\(name)-metadata-only.json").body)
    }

    /// Of Services and Ingresses none was recorded: the same form, with what the list has in each object's `metadata`.
    @Test(arguments: [
        ("/api/v1/namespaces/heartmesh/services", "services"),
        ("/apis/networking.k8s.io/v1/namespaces/heartmesh/ingresses", "ingresses"),
    ])
    func metadataOfOtherKindsHaveTheSameForm(target: String, name: String) async throws {
        let text = try await get(target + "?labelSelector=app.kubernetes.io/name%3Dheartmesh", metadata).text
        let objects = try #require(api.list(name)?.objects)
        let head = #"{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":""#
        #expect(text.hasPrefix(head))
        let item = #"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"#
        #expect(text.ranges(of: item).count == objects.count)
        #expect(objects.allSatisfy { text.contains("\(item)\"\($0.name)\",\"namespace\":\"heartmesh\"") })
        #expect(!text.contains(#""spec":"#) && !text.contains(#""status":"#))
    }

    @Test(arguments: [
        ("/api/v1/nodes/node-00000", "node"),
        ("/api/v1/namespaces/heartmesh/pods/heartmesh-00000", "pod"),
        ("/api/v1/namespaces/heartmesh/services/heartmesh", "service"),
        ("/apis/networking.k8s.io/v1/namespaces/heartmesh/ingresses/heartmesh", "ingress"),
    ])
    func anObjectIsTheRecordedOne(target: String, name: String) async throws {
        #expect(try await get(target).body == Recording("100/get/\(name).json").body)
    }

    @Test func whatIsNotThereIs404() async throws {
        let node = try await get("/api/v1/nodes/nobody")
        #expect(node.status == 404)
        #expect(node.text.contains(#""message":"nodes \"nobody\" not found""#))
        #expect(node.text.contains(#"{"name":"nobody","kind":"nodes"}"#))
        let ingress = try await get("/apis/networking.k8s.io/v1/namespaces/heartmesh/ingresses/nobody")
        #expect(ingress.text.contains(#""message":"ingresses.networking.k8s.io \"nobody\" not found""#))
    }

    @Test func objectsAreAddedAndTakenOutWhileItRuns() async throws {
        try api.change("services") { services in
            try services.keep { $0.name == "heartmesh" }
            try services.add(
                like: "heartmesh",
                replacing: [(#""name":"heartmesh","#, #""name":"heartmesh-2","#), ("10.96.47.6", "10.96.47.7")])
        }
        #expect(api.list("services")?.objects.map(\.name) == ["heartmesh", "heartmesh-2"])
        let added = try await get("/api/v1/namespaces/heartmesh/services/heartmesh-2")
        #expect(added.text.contains(#""clusterIP":"10.96.47.7""#))
        #expect(throws: ObjectList.NoSuchText.self) {
            try api.change("services") { try $0.add(like: "heartmesh", replacing: [("nothing of it", "")]) }
        }
        #expect(throws: RecordedAPI.NothingServed.self) { try api.change("secrets") { _ in } }
    }

    @Test func endpointsOfSomeNodesAreKept() throws {
        var slices = try ObjectList(Recording("3/list/endpointslices-of-service.json").body)
        try slices.keepEndpoints(ofNodes: ["node-00001"])
        for object in slices.objects {
            #expect(object.text.contains("node-00001"))
            #expect(!object.text.contains("node-00000") && !object.text.contains("node-00002"))
        }
    }
}
