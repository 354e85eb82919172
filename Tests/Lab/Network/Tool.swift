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

/// Starts a program in a namespace, with the names that the namespace has. It goes before others when the cores are busy:
/// pods that get no time would answer too late, and no fault of the network would be to blame.
func launch(
    _ program: String, _ arguments: [String], in namespace: NetworkNamespace, environment: [String: String] = [:]
) throws -> Running {
    // Each becomes the next one, so that the process is the program's in the end.
    try Running(
        "ip", ["netns", "exec", namespace.name, "nice", "-n", "-15", program] + arguments, environment: environment)
}
