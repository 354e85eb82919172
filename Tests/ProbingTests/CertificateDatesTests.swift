import Foundation
import Mesh
import Reactor
import Support
import Testing

@testable import Probing

struct CertificateDatesTests {
    /// As openssl(1) has it.
    private func expiry(_ name: String, in folder: String) throws -> Int64 {
        let program = try Running(
            "sh", ["-c", "date -u +%s -d \"$(openssl x509 -enddate -noout -in \(folder)/\(name).crt | cut -d= -f2)\""])
        #expect(program.waitForExit() == .code(0))
        return try #require(Int64(program.outputText.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// The one in between runs out in three days, the server's own in 300.
    @Test func theServersOwnAndTheFirst() async throws {
        let front = try await SecureFront.shared.value
        let dates = CertificateDates(
            leaf: try expiry("leaf", in: front.folder), earliest: try expiry("between", in: front.folder))
        #expect(dates.leaf > dates.earliest)
        let address = front.address(.second)
        for isVersion2 in [false, true] {
            let rig = try Rig()
            var settings = RequestSettings(url: "https://\(address)/")
            settings.trust = front.trust
            settings.isVersion2 = isVersion2
            _ = try rig.ask([(try configured(address, .https), settings)])
            #expect(!rig.dates.isEmpty && rig.dates.allSatisfy { $0 == dates })
        }
    }

    /// The other https channels, too; read once, then no more for a while; and one for each target.
    @Test func channelsWithPooledHandles() async throws {
        let front = try await Front.shared.value
        let leaf = try expiry("front", in: front.certificates.folder)
        let rig = try Rig(trust: [.ingress: front.trust])
        let secure = try target(.https, front.address(.front))
        for _ in 0..<2 { _ = rig.prober.add(secure, interval: .milliseconds(20), timeout: .seconds(30)) }
        #expect(rig.turn(while: { rig.results.count < 12 }))
        #expect(rig.results.allSatisfy { $0.outcome.isSuccess })
        // While the first has not ended, the next one reads them too.
        #expect((2..<rig.results.count).contains(rig.dates.count))
        #expect(rig.dates.allSatisfy { $0 == CertificateDates(leaf: leaf, earliest: leaf) })
    }

    @Test func nothingIsSaidWithoutAConnection() async throws {
        let front = try await Front.shared.value
        let rig = try Rig(trust: [.ingress: front.trust])
        for door in [Front.Door.expired, .plain] {
            _ = rig.prober.add(
                try target(.https, front.address(door)), interval: .milliseconds(20), timeout: .seconds(30))
        }
        _ = rig.prober.add(
            try target(.http, front.address(.plain)), interval: .milliseconds(20), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < 6 }))
        #expect(rig.dates.isEmpty)
    }
}
