/// A value of a document with its key path. The getters return nil, and note an error that names the place and
/// the path, when the value is not what is asked for; so a caller writes
/// `mesh = fields["mesh"]?.string() ?? mesh` and reads on.
package struct Field {
    package let node: Node
    /// Such as `channels.pod.timeout` or `peers[3].node`; empty for the root.
    package let path: String
    /// Where the key stands; for an element of a list and for the root, where the value stands.
    package let keyPosition: Position
    let findings: Findings
    let unknownKeys: Document.UnknownKeys

    init(
        _ node: Node, path: String, keyPosition: Position, _ findings: Findings, _ unknownKeys: Document.UnknownKeys
    ) {
        self.node = node
        self.path = path
        self.keyPosition = keyPosition
        self.findings = findings
        self.unknownKeys = unknownKeys
    }

    /// Notes an error at the value.
    package func refuse(_ message: String) {
        findings.refuse(path, at: node.position, message)
    }

    /// Notes an error at the key.
    package func refuseKey(_ message: String) {
        findings.refuse(path, at: keyPosition, message)
    }

    /// Notes a warning at the key.
    package func warn(_ message: String) {
        findings.warn(path, at: keyPosition, message)
    }

    /// Any scalar, as it is written: `mesh: 12` and `mesh: on` are the texts `12` and `on`.
    package func string() -> String? {
        guard let text = node.text else { return refuseKind("text") }
        return text
    }

    /// A string that `check` has nothing against: it returns what is wrong, such as `is not a path`.
    package func string(checkedBy check: (String) -> String?) -> String? {
        guard let text = string() else { return nil }
        guard let complaint = check(text) else { return text }
        refuse("\(text.quoted) \(complaint)")
        return nil
    }

    /// A whole number in decimal digits. Quoted digits are text, and `010` is refused because YAML 1.1 reads 8.
    package func int(in range: ClosedRange<Int>) -> Int? {
        guard let text = node.text else { return refuseKind("a whole number") }
        guard case .scalar(_, quoted: false) = node.kind, let number = Int(text), String(number) == text else {
            refuse("\(text.quoted) is not a whole number")
            return nil
        }
        guard range.contains(number) else {
            refuse("\(number) is out of range: \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// `true` or `false` (YAML 1.2.2 section 10.3.2): the `yes` and `on` of YAML 1.1 are refused.
    package func bool() -> Bool? {
        guard let text = node.text else { return refuseKind("true or false") }
        if case .scalar(_, quoted: false) = node.kind {
            if ["true", "True", "TRUE"].contains(text) { return true }
            if ["false", "False", "FALSE"].contains(text) { return false }
        }
        refuse("\(text.quoted) is not true or false")
        return nil
    }

    /// A duration such as `500ms`, `10s` or `1m30s`.
    package func duration(in range: ClosedRange<Duration>) -> Duration? {
        guard let text = node.text else { return refuseKind("a duration such as 500ms, 10s or 1m") }
        guard let duration = Duration(text: text) else {
            refuse("\(text.quoted) is not a duration such as 500ms, 10s or 1m")
            return nil
        }
        guard range.contains(duration) else {
            refuse("\(text) is out of range: \(range.lowerBound.text) to \(range.upperBound.text)")
            return nil
        }
        return duration
    }

    /// One of the cases of an enum, by its raw value.
    package func choice<Choice>(
        of type: Choice.Type = Choice.self
    ) -> Choice? where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        choice(among: Choice.allCases.map(\.rawValue)).flatMap(Choice.init(rawValue:))
    }

    package func choice(among choices: [String]) -> String? {
        guard let text = string() else { return nil }
        if choices.contains(text) { return text }
        let hint = text.nearest(in: choices).map { " (did you mean \($0)?)" } ?? ""
        refuse("\(text.quoted) is not one of \(choices.joined(separator: ", "))\(hint)")
        return nil
    }

    /// The elements of a list.
    package func list() -> [Field]? {
        guard let elements = node.elements else { return refuseKind("a list") }
        return elements.enumerated().map { index, element in
            Field(element, path: "\(path)[\(index)]", keyPosition: element.position, findings, unknownKeys)
        }
    }

    /// Reads a mapping; keys that `read` did not ask for are refused when it returns.
    @discardableResult
    package func mapping<Value>(_ read: (Fields) -> Value) -> Value? {
        guard let pairs = node.pairs else { return refuseKind("a mapping") }
        let fields = Fields(self, pairs)
        let value = read(fields)
        fields.refuseUnknownKeys()
        return value
    }

    /// The value at a path of keys below this one, such as `pod.interval`; nil when it is absent or null. To look
    /// is not to ask: the keys on the way stay unknown.
    package func value(at keys: String) -> Field? {
        keys.split(separator: ".").reduce(self) { field, key in
            guard let field, let pair = field.node.pairs?.first(where: { $0.key == key }) else { return nil }
            return pair.value.isNull ? nil : field.child(pair)
        }
    }

    func child(_ pair: Node.Pair) -> Field {
        Field(pair.value, path: path(to: pair.key), keyPosition: pair.keyPosition, findings, unknownKeys)
    }

    /// A key that could be mistaken for a path is quoted, as in `annotations."a.b/c"`.
    func path(to key: String) -> String {
        let isPlain = key.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "-" || scalar == "_"
        }
        let step = isPlain && !key.isEmpty ? key : key.quoted
        return path.isEmpty ? step : "\(path).\(step)"
    }

    private func refuseKind<Value>(_ expected: String) -> Value? {
        let found =
            switch node.kind {
            case .mapping: "a mapping"
            case .sequence: "a list"
            case .scalar where node.isNull: "nothing"
            case .scalar(let text, _): text.quoted
            }
        refuse("\(expected) is expected here, not \(found)")
        return nil
    }
}
