import Mesh
import Support
import Testing

/// A server's misbehaviour, and what a probe must call it.
struct Fault: Sendable, CustomTestStringConvertible {
    /// A step, or a text that is sent.
    struct Step: Sendable, ExpressibleByStringInterpolation {
        let step: StubServer.Step

        init(stringLiteral text: String) {
            step = .bytes(Array(text.utf8))
        }

        init(_ step: StubServer.Step) {
            self.step = step
        }

        static let close = Step(.close)
        static let reset = Step(.reset)
        static let hang = Step(.hang)
        static func bytes(_ bytes: [UInt8]) -> Step { Step(.bytes(bytes)) }
    }

    /// 2 MB.
    static let manyLines = Array(
        repeatElement(Array("X: \(String(repeating: "a", count: 999))\r\n".utf8), count: 2000).joined())
    /// A byte now and then: no single wait is long.
    static let drip: [Step] = (0..<5000).flatMap { _ -> [Step] in [Step(.wait(.milliseconds(5))), "a"] }

    let testDescription: String
    let reason: Reason
    private let onAccept: Bool
    private let steps: [Step]

    init(_ name: String, _ reason: Reason, onAccept: Bool = false, _ steps: [Step]) {
        testDescription = name
        self.reason = reason
        self.onAccept = onAccept
        self.steps = steps
    }

    func server() throws -> StubServer {
        let steps = steps.map(\.step)
        return onAccept ? try StubServer(onAccept: steps) : try StubServer { _ in steps }
    }
}
