/// What makes a message none of the protocol.
package enum DNSFault: Error, Equatable, Sendable {
    /// More than 65,535 bytes: no transport's message (RFC 1035, section 4.2.2; RFC 8484, section 6).
    case tooLong
    /// It breaks off, or its counts promise more than there is.
    case endsEarly
    /// Bytes follow what its counts promise.
    case trailingBytes
    /// A label that is neither a label of up to 63 bytes nor a pointer (RFC 6891, section 5).
    case label
    /// A pointer that does not go back to an earlier place behind the header, one where none may be, or too many of
    /// them (RFC 1035, section 4.1.4).
    case pointer
    /// A name over 255 bytes.
    case nameTooLong
    /// Data that is not what its type says, or not as long as its record says.
    case data(DNSType)
    /// An OPT record that is not in the additional section, not the root's, or not the only one (RFC 6891, section
    /// 6.1.1).
    case opt
}

extension DNSFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong: "longer than 65535 bytes"
        case .endsEarly: "it ends early"
        case .trailingBytes: "bytes follow its last record"
        case .label: "a label of unknown kind"
        case .pointer: "a compression pointer that leads nowhere"
        case .nameTooLong: "a name longer than 255 bytes"
        case .data(let type): "the data of a record of type \(type) are damaged"
        case .opt: "an OPT record where none may be"
        }
    }
}
