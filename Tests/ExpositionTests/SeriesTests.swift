import Testing

@testable import Exposition

struct SeriesTests {
    @Test func `handles are eight trivial bytes`() {
        #expect(MemoryLayout<Counter>.size == 8)
        #expect(MemoryLayout<Histogram>.size == 8)
        #expect(_isPOD(Counter.self))
    }

    @Test func `cells stay small and flat`() {
        #expect(MemoryLayout<Cell>.stride == 16)
        #expect(_isPOD(Cell.self))
    }
}
