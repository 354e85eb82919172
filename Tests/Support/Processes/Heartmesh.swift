internal import Foundation

/// Where the executable under test is: `HEARTMESH_BINARY`, or beside the test bundle in `.build/debug`.
package func heartmeshBinary() throws(Running.NotStarted) -> String {
    if let path = ProcessInfo.processInfo.environment["HEARTMESH_BINARY"] { return path }
    // On Linux the test bundle is an executable: `.build/debug/heartmeshPackageTests.xctest`.
    let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("heartmesh").path
    guard FileManager.default.isExecutableFile(atPath: path) else {
        throw Running.NotStarted(description: "\(path) is not there: build heartmesh or set HEARTMESH_BINARY")
    }
    return path
}
