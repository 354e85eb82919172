import Testing

@testable import Exposition

struct NumberTextTests {
    private func text(_ number: Double) -> String {
        var output: [UInt8] = []
        output.append(number: number)
        return String(decoding: output, as: UTF8.self)
    }

    private static let integers: [(Double, String)] = [
        (0, "0"), (-0.0, "0"), (1, "1"), (9, "9"), (10, "10"), (-7, "-7"), (-120, "-120"), (1_000_000, "1000000"),
        (1_769_900_000, "1769900000"), (0x1p53, "9007199254740992"), (-0x1p53, "-9007199254740992"),
        (0x1p53 + 2, "9007199254740994"), (0x1p54, "18014398509481984"), (0x1p63.nextDown, "9223372036854774784"),
    ]

    @Test(arguments: integers)
    func `integers have no fraction`(number: Double, expected: String) {
        #expect(text(number) == expected)
    }

    private static let others: [(Double, String)] = [
        (0.5, "0.5"), (0.1 + 0.2, "0.30000000000000004"), (0.0001, "0.0001"), (0.00025, "0.00025"), (0.00001, "1e-05"),
        (-2.75, "-2.75"), (1_769_900_000.25, "1769900000.25"), (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"),
        (0x1p63, "9.223372036854776e+18"), (1.7976931348623157e308, "1.7976931348623157e+308"),
    ]

    @Test(arguments: others)
    func `doubles are the shortest that round-trip`(number: Double, expected: String) {
        #expect(text(number) == expected)
    }

    @Test func `special values have Go's names`() {
        #expect(text(.infinity) == "+Inf")
        #expect(text(-.infinity) == "-Inf")
        #expect(text(.nan) == "NaN")
        #expect(text(-.signalingNaN) == "NaN")
    }

    @Test func `the smallest and the largest integer fit`() {
        var output: [UInt8] = []
        output.append(integer: .min)
        output.append(integer: .max)
        #expect(String(decoding: output, as: UTF8.self) == "\(Int64.min)\(Int64.max)")
    }

    @Test func `any double comes back as itself`() {
        // A linear congruential generator (Knuth, MMIX): the same bit patterns in each run.
        var state: UInt64 = 20_260_101
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            for number in [Double(bitPattern: state), Double(state >> 40), Double(state >> 20) / 1e9]
            where number.isFinite {
                let text = text(number)
                #expect(Double(text) == number)
                #expect(!text.hasSuffix(".0"))
            }
        }
    }
}
