internal import Documents
internal import Probing

extension Expectation {
    /// - Parameter method: Of the request: the answer to a HEAD has no body.
    mutating func read(_ fields: Fields, of method: RequestSettings.Method) {
        let (body, json) = (fields["body"], fields["json"])
        if let field = body ?? json, method == .head { field.refuseKey("the answer to a HEAD request has no body") }
        if let field = fields["status"], let list = field.list() {
            if list.isEmpty { field.refuse("at least one status is expected here") }
            statuses = list.compactMap { $0.statuses() }
        }
        pattern = body?.string(checkedBy: RegularExpression.complaint(about:)) ?? pattern
        json?.mapping { fields in
            let path = fields.required("path")?.string(checkedBy: {
                JSONPath($0) == nil ? "is not a path such as a.b[0].c" : nil
            })
            // `null` is a value, which `required` would take for none.
            let value = fields.entries().first { $0.key == "value" }?.value
            for (key, field) in fields.entries() where key != "path" && key != "value" {
                field.refuseKey("unknown key")
            }
            guard let value else { return fields.field.refuse("value is required") }
            if let path = path.flatMap(JSONPath.init), let value = value.scalar() {
                member = Member(path: path, value: value)
            }
        }
    }
}

extension Field {
    /// `200`, `"2xx"` or `"200-299"`.
    fileprivate func statuses() -> ClosedRange<Int>? {
        guard let text = string() else { return nil }
        let possible = 100...599
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        if text.utf8.count == 3, text.hasSuffix("xx"), let first = Int(text.prefix(1)), 1...5 ~= first {
            return first * 100...first * 100 + 99
        }
        if parts.count == 1, let status = parts[0], possible ~= status { return status...status }
        if parts.count == 2, let first = parts[0], let last = parts[1], possible ~= first, possible ~= last,
            first <= last
        {
            return first...last
        }
        refuse("\(text.quoted) is not a status such as 200, 2xx or 200-299")
        return nil
    }

    /// As JSON has it: what is quoted is text, `true`, `null` and numbers are what they are.
    fileprivate func scalar() -> JSONScalar? {
        guard case .scalar(let text, let isQuoted) = node.kind else {
            refuse("a single value is expected here: text, a number, true, false or null")
            return nil
        }
        if isQuoted { return .string(text) }
        if node.isNull { return .null }
        switch text {
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: return Double(text)?.isFinite == true ? .number(text) : .string(text)
        }
    }
}
