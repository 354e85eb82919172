import Support

/// Runs a program to its end.
///
/// - Returns: What it has written to its output.
/// - Throws: `Failed`, when it ends with anything but 0.
@discardableResult
func tool(_ words: String...) throws -> String {
    let running = try Running(words[0], Array(words.dropFirst()))
    let exit = running.waitForExit()
    guard exit == .code(0) else {
        throw ToolFailed(description: "\(words.joined(separator: " ")): \(exit) \(running.errorText)")
    }
    return running.outputText
}

struct ToolFailed: Error, CustomStringConvertible {
    let description: String
}
