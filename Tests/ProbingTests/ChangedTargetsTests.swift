import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// Targets that are probed in another way from some time on, in the same slot.
struct ChangedTargetsTests {
    @Test func anotherRequestOfTheSameSlot() throws {
        let server = try StubServer { [.bytes(StubServer.response(body: $0.path))] }
        let rig = try Rig()
        let target = try configured(server.address)
        rig.prober.requestSettings["web"] = RequestSettings(url: "\(server.url)/old")
        let slot = rig.prober.add(target, interval: .milliseconds(10), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < 3 }))
        #expect(server.requests.allSatisfy { $0.path == "/old" })
        rig.prober.requestSettings["web"] = RequestSettings(url: "\(server.url)/new")
        rig.prober.change(slot, target, interval: .milliseconds(10), timeout: .seconds(30))
        #expect(rig.turn(while: { server.requests.count { $0.path == "/new" } < 3 }))
        #expect(rig.results.allSatisfy { $0.slot == slot && $0.outcome.isSuccess })
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
    }

    @Test func anotherQuestion() throws {
        let rig = try Rig()
        let server = try StubDNS(on: rig.loop) { $0.send($1.answer, to: $1) }
        let target = try dnsTarget(.udp, server.address)
        let slot = rig.prober.add(target, interval: .milliseconds(10), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < 3 }))
        #expect(rig.results.allSatisfy { $0.outcome.isSuccess })
        var question = DNSQuestion.test()
        question.expectation = try DNSExpectation(of: .a, rcodes: [.nameError])
        rig.prober.questions["test"] = question
        rig.prober.change(slot, target, interval: .milliseconds(10), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.last?.outcome.isSuccess == true }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
    }

    @Test func anotherTrust() async throws {
        let front = try await Front.shared.value
        let rig = try Rig()
        let target = try target(.https, front.address(.front))
        let slot = rig.prober.add(target, interval: .milliseconds(30), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < 2 }))
        #expect(rig.results.allSatisfy { $0.outcome == .failure(.tls) } && rig.dates.isEmpty)
        rig.prober.trust[.ingress] = try front.trust
        rig.prober.change(slot, target, interval: .milliseconds(30), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.last?.outcome.isSuccess != true || rig.dates.isEmpty }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
    }

    @Test func anotherInterval() throws {
        let server = try StubServer(answer: answer())
        let rig = try Rig()
        let target = try target(.http, server.address)
        let slot = rig.prober.add(target, interval: .seconds(3600), timeout: .seconds(30))
        rig.prober.change(slot, target, interval: .milliseconds(10), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results(of: slot).count < 5 }))
        rig.prober.change(slot, target, interval: .seconds(3600), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        #expect(rig.prober.schedule.nextDue > .now() + .milliseconds(10))
        #expect(rig.prober.schedule.count == 1)
        rig.prober.remove(slot)
    }

    /// What is as before keeps its time, and its flow over UDP.
    @Test func nothingElse() throws {
        let server = try UDPAnswerer.shared.get()[0]
        let rig = try Rig()
        let target = try target(.udp, server.address)
        let slot = rig.prober.add(target, interval: .seconds(3600), timeout: .seconds(30))
        let (due, flow) = (rig.prober.schedule.nextDue, rig.prober.udp.aims[0]?.flow.id)
        rig.prober.change(slot, target, interval: .seconds(3600), timeout: .seconds(30))
        #expect(rig.prober.schedule.nextDue == due && rig.prober.udp.aims[0]?.flow.id == flow)
        rig.prober.remove(slot)
    }

    /// Traps, 30: nothing is left of what was before.
    @Test func againAndAgain() throws {
        let server = try UDPAnswerer.shared.get()[0]
        let rig = try Rig()
        let target = try target(.udp, server.address)
        let slot = rig.prober.add(target, interval: .milliseconds(10), timeout: .seconds(1))
        for turn in 1...100 {
            let interval = Duration.milliseconds(turn.isMultiple(of: 2) ? 10 : 20)
            rig.prober.change(slot, target, interval: interval, timeout: .seconds(turn % 3 + 1))
            #expect(rig.turn(while: { rig.results.count < turn }))
        }
        #expect(rig.results.allSatisfy { $0.slot == slot && $0.outcome.isSuccess })
        #expect(rig.prober.schedule.count == 1 && rig.prober.slots.count == 1)
        #expect(rig.turn(while: { rig.prober.udp.aims.compactMap(\.self).count > 1 }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        #expect(rig.prober.udp.aims.allSatisfy { $0 == nil })
    }

    /// A probe that is under way ends as it began, and counts.
    @Test func whatIsUnderWayIsTold() throws {
        let hole = try BlackHole(backlog: 100)
        let rig = try Rig()
        let target = try configured(hole.address)
        rig.prober.requestSettings["web"] = RequestSettings(url: "http://\(hole.address)/")
        let slot = rig.prober.add(target, interval: .milliseconds(10), timeout: .milliseconds(300))
        #expect(rig.turn(while: { rig.prober.active < 2 }))
        let count = rig.prober.active
        rig.prober.requestSettings["web"] = RequestSettings(url: "http://\(hole.address)/new")
        rig.prober.change(slot, target, interval: .seconds(3600), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < count }))
        #expect(rig.results.allSatisfy { $0.slot == slot && $0.outcome == .failure(.timeout) })
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
    }
}
