/// What this build is.
enum Version {
    static let number = "0.1.0"

    static let platform = "linux/" + architecture

    /// Printed by `--version`, in the form of the Prometheus exporters.
    static let text = """
        heartmesh, version \(number)
          swift version:    \(compiler)
          platform:         \(platform)
        """

    #if arch(x86_64)
        private static let architecture = "amd64"
    #elseif arch(arm64)
        private static let architecture = "arm64"
    #else
        private static let architecture = "unknown"
    #endif

    #if compiler(>=6.4)
        static let compiler = "6.4 or later"
    #elseif compiler(>=6.3)
        static let compiler = "6.3"
    #else
        static let compiler = "6.2"
    #endif
}
