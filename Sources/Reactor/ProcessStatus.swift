internal import CLinux
internal import Glibc

/// What this process uses, as the `process_*` metrics of Prometheus' client libraries give it (proc(5)).
package struct ProcessStatus {
    package var cpuSeconds = 0.0
    package var residentBytes = 0
    package var virtualBytes = 0
    package var openDescriptors = 0
    package var descriptorLimit = 0
    /// Seconds since the epoch.
    package var startTime = 0.0

    /// Nil without /proc.
    package static func read() -> ProcessStatus? {
        guard let text = try? readFile("/proc/self/stat"),
            let boot = bootTime,
            // The command's name stands in parentheses and may hold anything, parentheses too.
            let end = text.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = text[(end + 1)...].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        // The first of these is field 3 of proc(5): the state.
        func field(_ number: Int) -> Int { number - 3 < fields.count ? Int(fields[number - 3]) ?? 0 : 0 }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        var status = ProcessStatus()
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        status.cpuSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        status.virtualBytes = field(23)
        status.residentBytes = field(24) * Int(sysconf(Int32(_SC_PAGESIZE)))
        status.startTime = boot + Double(field(22)) / ticks
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        status.descriptorLimit = Int(clamping: limit.rlim_cur)
        status.openDescriptors = countDescriptors()
        return status
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// Seconds since the epoch at which the machine started.
    private static let bootTime: Double? = {
        guard let text = try? readFile("/proc/stat") else { return nil }
        for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: "btime ".utf8) {
            return Double(String(decoding: line.dropFirst(6), as: UTF8.self))
        }
        return nil
    }()

    private static func countDescriptors() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Not counted: `.`, `..` and the descriptor of the listing itself.
        return max(0, count - 3)
    }
}
