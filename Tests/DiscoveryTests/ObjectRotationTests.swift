import Testing

@testable import Discovery

struct ObjectRotationTests {
    private let pod = PodReference(uid: "1", name: "p")
    private let other = PodReference(uid: "2", name: "q")

    @Test func whatIsMissingComesFirstAndTheOldestNext() {
        var objects = ObjectRotation<Int>()
        #expect(objects.missing.isEmpty && objects.byAge.isEmpty)
        objects.want(["a": pod, "b": pod, "c": pod])
        #expect(objects.missing == ["a", "b", "c"])
        objects.received(1, complaint: nil, for: "a", pod)
        objects.failed("b")
        #expect(objects.missing == ["c", "b"])
        objects.received(3, complaint: nil, for: "c", pod)
        objects.received(2, complaint: nil, for: "b", pod)
        #expect(objects.missing.isEmpty)
        #expect(objects.byAge == ["a", "c", "b"])
        objects.received(4, complaint: nil, for: "a", pod)
        #expect(objects.byAge == ["c", "b", "a"] && objects["a"] == 4)
    }

    @Test func anotherPodMakesItMissing() {
        var objects = ObjectRotation<Int>()
        objects.want(["a": pod])
        objects.received(1, complaint: nil, for: "a", pod)
        #expect(objects.current("a") == 1)
        objects.want(["a": other])
        #expect(objects.missing == ["a"] && objects["a"] == 1 && objects.current("a") == nil)
        objects.received(nil, complaint: "bad", for: "a", other)
        // The last good one stays, but it is the old pod's.
        #expect(objects.missing.isEmpty && objects["a"] == 1 && objects.current("a") == nil)
        #expect(objects.invalid == ["bad"])
        objects.received(2, complaint: nil, for: "a", other)
        #expect(objects.current("a") == 2 && objects.invalid.isEmpty)
        objects.want([:])
        #expect(objects["a"] == nil)
        // An answer that comes too late.
        objects.received(1, complaint: "late", for: "a", pod)
        #expect(objects["a"] == nil && objects.invalid.isEmpty && objects.byAge.isEmpty)
    }
}
