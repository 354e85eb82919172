import Mesh
import Testing

@Suite struct FlowTableTests {
    private let table = FlowTable(capacity: 3)

    @discardableResult
    private func receive(
        _ sequence: UInt32, of flow: UInt64, node: UInt64? = 1, _ family: IPFamily = .ipv4, from address: UInt64 = 100
    ) -> SequenceWindow {
        table.received(sequence, of: flow, node: node, family: family, address: address)
    }

    @Test func saysWhatHasArrivedOfEachFlow() {
        #expect(receive(1, of: 10) == SequenceWindow(highest: 1, bits: 1))
        #expect(receive(4, of: 20) == SequenceWindow(highest: 4, bits: 1))
        #expect(receive(3, of: 10) == SequenceWindow(highest: 3, bits: 0b101))
    }

    @Test func reportsTheLatestFlowOfANodeAndFamily() {
        #expect(table.report(to: 1, .ipv4, address: 0) == Beat.Report())
        receive(1, of: 10)
        receive(7, of: 20, .ipv6)
        receive(9, of: 30, node: 2)
        #expect(
            table.report(to: 1, .ipv4, address: 0) == Beat.Report(flow: 10, window: SequenceWindow(highest: 1, bits: 1))
        )
        #expect(table.report(to: 1, .ipv6, address: 0).flow == 20)
        #expect(table.report(to: 2, .ipv4, address: 0).flow == 30)
        #expect(table.report(to: 2, .ipv6, address: 0).flow == 0)
    }

    @Test func aNodesFlowsTakeTurns() {
        receive(1, of: 10)
        receive(1, of: 20)
        #expect(table.report(to: 1, .ipv4, address: 0).flow == 20)
        receive(2, of: 10)
        #expect(
            table.report(to: 1, .ipv4, address: 0)
                == Beat.Report(flow: 10, window: SequenceWindow(highest: 2, bits: 0b11)))
    }

    /// One that goes on arriving says nothing of another one that does not.
    @Test func theAddressThatIsAskedHasAFlowOfItsOwn() {
        receive(1, of: 10, from: 101)
        receive(1, of: 20, from: 102)
        receive(2, of: 20, from: 102)
        #expect([101, 102, 103].map { table.report(to: 1, .ipv4, address: $0).flow } == [10, 20, 20])
        // Another node behind the same address.
        receive(1, of: 30, node: 2, from: 101)
        #expect(table.report(to: 1, .ipv4, address: 101).flow == 10)
        #expect(table.report(to: 2, .ipv4, address: 101).flow == 30)
        // It has started again.
        receive(1, of: 40, from: 101)
        #expect([101, 102].map { table.report(to: 1, .ipv4, address: $0).flow } == [40, 20])
        receive(1, of: 50, node: 3)
        receive(1, of: 60, node: 3)
        #expect([101, 102].map { table.report(to: 1, .ipv4, address: $0).flow } == [40, 40])
    }

    @Test func nothingIsReportedToAnotherMesh() {
        #expect(receive(1, of: 10, node: nil).highest == 1)
        #expect(table.report(to: 1, .ipv4, address: 0).flow == 0)
    }

    @Test func aFlowThatComesUnderAnotherNameIsThatNodes() {
        receive(1, of: 10, node: 1)
        receive(2, of: 10, node: 2)
        #expect(table.report(to: 1, .ipv4, address: 0).flow == 0)
        #expect(table.report(to: 2, .ipv4, address: 0).flow == 10)
    }

    @Test func whatWasSilentForLongestGoesFirst() {
        for flow: UInt64 in [10, 20, 30] { receive(1, of: flow, node: flow) }
        receive(2, of: 10, node: 10)
        receive(1, of: 40, node: 40)
        #expect(table.count == 3)
        #expect([10, 20, 30, 40].map { table.report(to: $0, .ipv4, address: 0).flow } == [10, 0, 30, 40])
        // It begins anew.
        #expect(receive(2, of: 20, node: 20) == SequenceWindow(highest: 2, bits: 1))
        #expect(table.report(to: 30, .ipv4, address: 0).flow == 0)
    }

    @Test func aFloodOfFlowsIsBounded() {
        let table = FlowTable()
        for flow: UInt64 in 1...20_000 { _ = table.received(1, of: flow, node: flow, family: .ipv4, address: flow) }
        #expect(table.count == 8192)
        #expect(table.report(to: 20_000 - 8192, .ipv4, address: 0).flow == 0)
        #expect(table.report(to: 20_000 - 8191, .ipv4, address: 0).flow == 20_000 - 8191)
    }
}
