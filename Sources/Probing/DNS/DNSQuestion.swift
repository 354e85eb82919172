/// What a server is asked, and which answer is a success.
package struct DNSQuestion: Equatable, Sendable {
    package let name: DNSName
    package let type: DNSType
    /// The server shall ask others where it does not know itself.
    package var recursionDesired = true
    package var expectation = DNSExpectation.anAnswer
    /// Over UDP: an answer that is cut is asked for again over TCP, within the same timeout. Otherwise it is a failure:
    /// UDP alone does not do.
    package var repeatsTruncatedOverTCP = false
    /// Over TLS and HTTPS.
    package var trust = Trust.system

    package init(name: DNSName, type: DNSType) {
        self.name = name
        self.type = type
    }
}
