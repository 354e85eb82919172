import Testing

@testable import Discovery

struct Base64Tests {
    /// The test vectors of RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
        ("Zm9vYmFy", "foobar"),
    ])
    func theVectorsOfTheRFC(text: String, expected: String) {
        #expect(decodeBase64(text) == Array(expected.utf8))
    }

    @Test func theWholeAlphabet() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        let bytes = decodeBase64(alphabet) ?? []
        // Read as one number, six bits for each letter: 0, 1, 2 … 63.
        let bits = bytes.flatMap { byte in (0..<8).reversed().map { byte >> UInt8($0) & 1 } }
        let values = stride(from: 0, to: bits.count, by: 6).map { bits[$0..<$0 + 6].reduce(0) { $0 << 1 | $1 } }
        #expect(values == Array(0..<64))
    }

    @Test func allBytes() {
        #expect(decodeBase64("AP+AfwD/") == [0x00, 0xff, 0x80, 0x7f, 0x00, 0xff])
    }

    /// YAML's block texts are wrapped.
    @Test func whiteSpaceIsPassedOver() {
        #expect(decodeBase64(" Zm9v\r\n\tYm Fy=\n=\n") == nil)
        #expect(decodeBase64(" Zm9v\r\n\tYm Fy\n") == Array("foobar".utf8))
        #expect(decodeBase64("Zm9vYg=\n=\n") == Array("foob".utf8))
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "Zm8", "Zm8==", "Zm9v=", "Zm9v====", "=", "====", "=Zg=", "Zg==Zg==", "Zm9v-",
        "Zm9_", "Zm9v!",
        "Zm9vé", "-----BEGIN CERTIFICATE-----",
    ])
    func otherTextIsRefused(text: String) {
        #expect(decodeBase64(text) == nil)
    }
}
