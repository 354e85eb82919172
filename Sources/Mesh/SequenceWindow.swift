/// Which of a flow's datagrams have arrived: the highest sequence number, and which of the 64 up to it. Pure.
package struct SequenceWindow: Hashable, Sendable {
    package static let width: UInt32 = 64

    /// 0: none has arrived.
    package private(set) var highest: UInt32
    /// Bit n stands for the highest minus n.
    package private(set) var bits: UInt64

    package init(highest: UInt32 = 0, bits: UInt64 = 0) {
        self.highest = highest
        self.bits = bits
    }

    /// Notes that a datagram has arrived, in whatever order and however often.
    package mutating func insert(_ sequence: UInt32) {
        if sequence > highest {
            let step = sequence - highest
            bits = step < SequenceWindow.width ? bits << UInt64(step) | 1 : 1
            highest = sequence
        } else if highest - sequence < SequenceWindow.width {
            bits |= 1 << UInt64(highest - sequence)
        }
    }

    /// Whether a datagram has arrived; nil when it is too long ago to tell.
    package func contains(_ sequence: UInt32) -> Bool? {
        if sequence > highest { return false }
        return highest - sequence < SequenceWindow.width ? bits >> UInt64(highest - sequence) & 1 == 1 : nil
    }
}
