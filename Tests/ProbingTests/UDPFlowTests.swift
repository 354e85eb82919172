import Mesh
import Reactor
import Testing

@testable import Probing

@Suite struct UDPFlowTests {
    private var flow = UDPFlow(id: 7, overlap: 2)

    private func time(_ number: Int64) -> Instant { Instant(nanoseconds: number) }

    /// Begins probes up to this one; each has the nonce that is a thousand times its sequence number, and times out at the
    /// moment of the same number.
    private mutating func begin(upTo last: UInt32) {
        while flow.sequence < last { _ = flow.begin(Int(flow.sequence) + 1, nonce: UInt64(flow.sequence + 1) * 1000) }
    }

    private mutating func lose(_ sequences: UInt32...) {
        for sequence in sequences { flow.timedOut(sequence, at: time(Int64(sequence))) }
    }

    private mutating func reply(_ sequence: UInt32) -> UDPFlow.Reply {
        flow.replied(sequence, nonce: UInt64(sequence) * 1000)
    }

    private mutating func report(
        _ received: [UInt32], _ carrier: UDPFlow.Carrier = .reply, at moment: Int64 = 1000
    ) -> [Int] {
        var window = SequenceWindow()
        for sequence in received { window.insert(sequence) }
        flow.received(window, in: carrier, at: time(moment))
        let losses = flow.settle()
        return [losses.requests, losses.replies]
    }

    // MARK: Replies

    @Test mutating func sequenceNumbersCountFromOne() {
        #expect(flow.begin(5, nonce: 1) == 1)
        #expect(flow.begin(6, nonce: 2) == 2)
        #expect(flow.underWay(1, nonce: 1) == 5)
        #expect(flow.underWay(1, nonce: nil) == 5)
        #expect(flow.underWay(1, nonce: 2) == nil)
        #expect(flow.underWay(3, nonce: nil) == nil)
    }

    @Test mutating func aReplyIsAnAnswerOnce() {
        begin(upTo: 2)
        #expect(reply(2) == .answer(2))
        #expect(reply(2) == .duplicate)
        #expect(reply(2) == .duplicate)
        #expect(reply(1) == .answer(1))
        #expect(flow.underWay(1, nonce: 1000) == nil)
    }

    @Test mutating func whatBelongsToNoProbeIsForeign() {
        #expect(flow.replied(0, nonce: 0) == .foreign)
        begin(upTo: 1)
        #expect(flow.replied(0, nonce: 0) == .foreign)
        #expect(flow.replied(1, nonce: 1001) == .foreign)
        #expect(reply(2) == .foreign)
        #expect(flow.replied(67, nonce: 1000) == .foreign)
        #expect(reply(1) == .answer(1))
        #expect(flow.replied(1, nonce: 1001) == .foreign)
    }

    @Test mutating func aReplyAfterTheEndIsLate() {
        begin(upTo: 3)
        lose(1)
        flow.failed(2)
        #expect(reply(1) == .late)
        #expect(reply(1) == .late)
        #expect(reply(2) == .late)
        // Of an answered probe nothing else can be said any more.
        #expect(reply(3) == .answer(3))
        lose(3)
        flow.failed(3)
        #expect(reply(3) == .duplicate)
    }

    @Test mutating func theProbesOfAWholeOverlapAreTold() {
        begin(upTo: 66)
        for sequence: UInt32 in 1...66 { #expect(flow.underWay(sequence, nonce: nil) == Int(sequence)) }
        begin(upTo: 67)
        #expect(flow.underWay(1, nonce: nil) == nil)
        #expect(reply(1) == .foreign)
    }

    // MARK: Losses

    @Test mutating func aReplySaysWhereEarlierOnesGotLost() {
        begin(upTo: 4)
        lose(1, 2, 3)
        #expect(report([2, 4]) == [2, 1])
        #expect(report([2, 4]) == [0, 0])
        // What was told is told, and its reply is late all the same.
        #expect(reply(2) == .late)
    }

    @Test mutating func aReplySaysNothingOfThoseAfterIt() {
        begin(upTo: 4)
        lose(1, 2, 3)
        #expect(report([1]) == [0, 1])
        #expect(report([4]) == [2, 0])
    }

    /// The other node's requests come through when no reply does, and its report stands still.
    @Test mutating func aRequestSaysWhatHasNotArrived() {
        begin(upTo: 5)
        lose(3, 4)
        #expect(report([1, 2], .request) == [2, 0])
        lose(5)
        #expect(report([1, 2, 5], .request) == [0, 1])
    }

    @Test mutating func aReportFromBeforeTheTimeOutSaysNothing() {
        begin(upTo: 3)
        lose(2)
        #expect(report([1], .request, at: 1) == [0, 0])
        #expect(report([1, 3], .reply, at: 1) == [0, 0])
        #expect(report([1], .request, at: 2) == [1, 0])
    }

    @Test mutating func whatIsNotLostIsNotCounted() {
        begin(upTo: 5)
        #expect(reply(1) == .answer(1))
        flow.failed(2)
        lose(3)
        #expect(reply(3) == .late)
        // 4 and 5 are under way.
        #expect(report([], .request) == [0, 0])
        #expect(report([1, 2, 3, 4, 5]) == [0, 0])
    }

    /// Its reply is on its way, while the report of a later one is here already.
    @Test mutating func aLateReplyBeforeTheSettlementIsNoLoss() {
        begin(upTo: 3)
        lose(1, 2)
        flow.received(SequenceWindow(highest: 3, bits: 0b111), in: .reply, at: time(10))
        #expect(reply(1) == .late)
        #expect(flow.settle() == UDPFlow.Losses(requests: 0, replies: 1))
    }

    @Test mutating func theReportThatGoesFurthestCounts() {
        begin(upTo: 5)
        lose(1, 2, 3, 4)
        flow.received(SequenceWindow(highest: 5, bits: 0b10001), in: .reply, at: time(10))
        flow.received(SequenceWindow(highest: 2, bits: 0b10), in: .reply, at: time(11))
        #expect(flow.settle() == UDPFlow.Losses(requests: 3, replies: 1))
    }

    @Test mutating func whatIsTooLongAgoIsNotTold() {
        begin(upTo: 1)
        lose(1)
        begin(upTo: 65)
        #expect(report([65]) == [0, 0])
        #expect(report([1, 65], .request) == [0, 0])
        #expect(reply(1) == .late)
    }

    /// A way that is dead for long: the last 64 are kept, beside those that may be under way.
    @Test mutating func theLostOnesThatAreKeptAreBounded() {
        for sequence: UInt32 in 1...500 {
            begin(upTo: sequence)
            lose(sequence)
        }
        #expect(report([], .request) == [66, 0])
        #expect(report([], .request) == [0, 0])
    }
}
