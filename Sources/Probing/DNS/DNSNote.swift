/// What a DNS server sent beside or instead of an answer that is a success.
package enum DNSNote: Equatable, Sendable {
    /// Over UDP, no answer to the query that is under way: a late or a forged one. It was dropped.
    case stray(DNSVerdict.Stray)
    /// The probe failed because of it.
    case rcode(DNSRcode)
}
