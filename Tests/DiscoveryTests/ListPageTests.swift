import Documents
import Support
import Testing

@testable import Discovery

private func versions(_ text: String) throws(JSONError) -> ListPage<ObjectVersion> {
    try ListPage(document: Array(text.utf8), item: ObjectVersion.init)
}

/// Lists as a whole and in pages, and the versions of objects.
struct ListPageTests {
    @Test func theVersionsAreThoseOfTheSlices() throws {
        let slices = try ListPage(
            document: Recording("5000/endpointslices-of-service.json").body, item: EndpointSlice.init
        ).items
        let versions = try ListPage(
            document: Recording("5000/endpointslices-metadata-only.json").body, item: ObjectVersion.init
        ).items
        #expect(versions.count == 100)
        #expect(versions.map(\.name) == slices.map(\.name))
        #expect(versions.map(\.resourceVersion) == slices.map(\.resourceVersion))
    }

    /// Also what is no metadata list gives versions: a proxy in between may not know `as=`.
    @Test(arguments: ["3/list/pods-metadata-only.json", "3/list/pods-selected.json"])
    func versionsOfAnyList(path: String) throws {
        let names = try ListPage(document: Recording(path).body, item: ObjectVersion.init).items.map(\.name)
        #expect(names == ["heartmesh-00000", "heartmesh-00001", "heartmesh-00002"])
    }

    @Test func recordedPagesGoOnUntilTheLast() throws {
        let pages = try ["3/paged/pods-page-01.json", "3/paged/pods-page-02.json"].map {
            try ListPage(document: Recording($0).body, item: ObjectVersion.init)
        }
        #expect(
            pages[0].continuation
                == "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MzUxLCJzdGFydCI6Ii9oZWFydG1lc2gtMDAwMDFcdTAwMDAifQ")
        #expect(pages[1].continuation == nil)
        let whole = try ListPage(document: Recording("3/list/pods-selected.json").body, item: ObjectVersion.init)
        #expect(pages.flatMap(\.items) == whole.items)
    }

    /// What went on with the token out of a 410.
    @Test func theRecordedPageAfterA410() throws {
        let page = try ListPage(document: Recording("3/errors/410-continue-next.json").body, item: ObjectVersion.init)
        #expect(page.items == [ObjectVersion(name: "heartmesh-00001", resourceVersion: "878")])
        #expect(
            page.continuation
                == "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6OTMwLCJzdGFydCI6Ii9oZWFydG1lc2gtMDAwMDFcdTAwMDAifQ")
    }

    /// The Status of a 410 has a token too, and is no list.
    @Test(arguments: [
        "410-continue.json", "410-list-exact.json", "401-bad-token.json", "403-anonymous.json", "404-service.json",
        "404-unknown-group.txt", "429-list.json", "500-watch-resource-version.json", "504-list-future-version.json",
        "starting-kill-1-403.json",
    ])
    func errorsAreNoLists(name: String) throws {
        let document = try Recording("3/errors/\(name)").body
        #expect(throws: JSONError.self) { try ListPage(document: document, item: ObjectVersion.init) }
        #expect(throws: JSONError.self) { try ListPage(document: document, item: EndpointSlice.init) }
    }

    @Test(arguments: [#""items":[]"#, #""items":null"#, #""metadata":{"continue":""},"items":[ ]"#])
    func anEmptyListIsOne(members: String) throws {
        let page = try versions(#"{"kind":"EndpointSliceList",\#(members)}"#)
        #expect(page.items.isEmpty)
        #expect(page.continuation == nil)
    }

    @Test func theRecordedEmptyList() throws {
        let page = try ListPage(document: Recording("3/list/pods-empty.json").body, item: ObjectVersion.init)
        #expect(page.items.isEmpty)
    }

    /// Without items it is not an empty list but no list.
    @Test(arguments: [
        "{}", #"{"kind":"EndpointSliceList"}"#, #"{"items":[]}"#, #"{"kind":"Status","items":[]}"#, "[]", "null", "",
        #"{"kind":"EndpointSliceList","items":{}}"#, #"{"kind":"EndpointSliceList","items":[{}]}"#,
        #"{"kind":"EndpointSliceList","items":[{"metadata":{"resourceVersion":"1"}}]}"#,
        #"{"kind":"EndpointSliceList","items":[null]}"#, #"{"kind":"EndpointSliceList","metadata":[],"items":[]}"#,
        "<!DOCTYPE html><html><body>Log in</body></html>",
    ])
    func whatIsNoListIsRefused(text: String) {
        #expect(throws: JSONError.self) { try versions(text) }
    }
}

extension ObjectVersion {
    init(name: String, resourceVersion: String) {
        var reader = JSONReader(
            Array(#"{"metadata":{"name":"\#(name)","resourceVersion":"\#(resourceVersion)"}}"#.utf8))
        guard let version = try? ObjectVersion(&reader) else { preconditionFailure("\(name) is no name") }
        self = version
    }
}
