internal import Foundation

/// The token that continues a list, as the API server makes it: JSON in unpadded base64url.
package struct ContinueToken: Equatable {
    /// Which state of the list it continues; -1 for "whatever there is now", which is what a 410 offers.
    package let version: Int
    /// The last name that was given out.
    package let after: String

    package init(version: Int, after: String) {
        self.version = version
        self.after = after
    }

    /// The key ends with a zero byte, which makes it the smallest after the last name. The token of a 410 has no slash.
    package var text: String {
        let start = (version == -1 ? "" : "/") + after
        return Data(#"{"v":"meta.k8s.io/v1","rv":\#(version),"start":"\#(start)\u0000"}"#.utf8)
            .base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Nil when it is not such a token.
    package init?(_ text: String) {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let padded = standard + String(repeating: "=", count: (4 - standard.count % 4) % 4)
        guard let data = Data(base64Encoded: padded) else { return nil }
        let bytes = Array(data)
        guard let rv = try? JSONText.find(["rv"], in: bytes), let version = Int(JSONText.text(rv, of: bytes)),
            let start = try? JSONText.find(["start"], in: bytes)
        else { return nil }
        let key = JSONText.text(start, of: bytes).replacing(#"\u0000"#, with: "")
        self.init(version: version, after: key.hasPrefix("/") ? String(key.dropFirst()) : key)
    }
}
