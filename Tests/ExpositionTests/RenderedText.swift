import Exposition

extension Registry {
    /// One scrape, as text.
    func text(at now: Int64 = 0) -> String {
        var output: [UInt8] = []
        scraped(render(into: &output, at: now))
        return String(decoding: output, as: UTF8.self)
    }

    /// A page that nobody has got yet.
    func page(at now: Int64) -> Page {
        var output: [UInt8] = []
        return render(into: &output, at: now)
    }

    /// One scrape without its comments, a string for each line.
    func samples(at now: Int64 = 0) -> [String] {
        text(at: now).split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }
}
