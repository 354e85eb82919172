import Glibc
import Reactor
import Testing

struct ProcessStatusTests {
    @Test func itIsWhatProcSays() throws {
        let status = try #require(ProcessStatus.read())
        // Other tests run beside this one and take memory.
        let resident = try #require(procNumber("VmRSS:", in: "/proc/self/status")) * 1024
        #expect(status.residentBytes > resident / 2 && status.residentBytes < resident * 2)
        let virtual = try #require(procNumber("VmSize:", in: "/proc/self/status")) * 1024
        #expect(status.virtualBytes > virtual / 2 && status.virtualBytes < virtual * 2)
        #expect(status.descriptorLimit == procNumber("Max open files", in: "/proc/self/limits"))
    }

    @Test func processorTimeGrows() throws {
        let before = try #require(ProcessStatus.read()).cpuSeconds
        let deadline = Instant.now() + .seconds(20)
        var after = before
        while after < before + 0.01, Instant.now() < deadline { after = ProcessStatus.read()?.cpuSeconds ?? 0 }
        #expect(after >= before + 0.01)
    }

    @Test func itStartedBeforeNow() throws {
        let status = try #require(ProcessStatus.read())
        let age = wallClockSeconds() - status.startTime
        // The time of the boot is in whole seconds; a test run takes less than a day.
        #expect(age > -2 && age < 86_400)
        #expect(status.cpuSeconds <= (age + 2) * Double(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    @Test func openDescriptorsAreCounted() throws {
        let events = (0..<300).map { _ in Event() }
        let status = try #require(ProcessStatus.read())
        #expect(status.openDescriptors >= 300)
        #expect(status.openDescriptors <= status.descriptorLimit)
        #expect(events.count == 300)
    }

    @Test func theLimitOfDescriptorsIsRaised() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit()
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            getrlimit(resource, &limit)
            limit.rlim_cur = 64
            guard setrlimit(resource, &limit) == 0 else { exit(2) }
            raiseDescriptorLimit()
            guard getrlimit(resource, &limit) == 0 else { exit(3) }
            exit(limit.rlim_cur == limit.rlim_max ? 0 : 1)
        }
    }
}

/// The first number on the line that starts so.
private func procNumber(_ start: String, in path: String) -> Int? {
    guard let bytes = try? readFile(path) else { return nil }
    let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(start) }
    return line?.dropFirst(start.count).split { $0 == " " || $0 == "\t" }.first.flatMap { Int($0) }
}
