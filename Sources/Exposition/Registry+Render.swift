extension Registry {
    /// What the text is, for the Content-Type header.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Renders one page in Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats),
    /// in place of what the buffer held. Its capacity is kept.
    ///
    /// Every family has its HELP and TYPE lines, with or without series. Families come in the order of registration:
    /// what belongs together stands together, and the page is read by people too. Series come sorted by the bytes of
    /// their label text: two pages of one exporter, or of two, can be compared line by line, and neighbours that have a
    /// long beginning in common compress well. To Prometheus the order says nothing.
    ///
    /// - Returns: For `scraped`, once it has been given out.
    package func render(into output: inout [UInt8], at now: Int64) -> Page {
        let page = beginPage(at: now)
        output.removeAll(keepingCapacity: true)
        for family in families {
            output.append(contentsOf: family.header)
            switch family.type {
            case .counter, .gauge: renderScalars(family, into: &output)
            case .histogram: renderHistograms(family, into: &output)
            case .summary: renderSummaries(family, into: &output)
            }
        }
        return page
    }

    private func renderScalars(_ family: Family, into output: inout [UInt8]) {
        for slot in family.order {
            let offset = Int(cells[Int(slot)].offset)
            let value = series[Int(slot)].isNewborn ? 0 : values[offset]
            output.append(sample: family.sampleNames[0], labels: series[Int(slot)].text, value)
        }
    }

    private func renderHistograms(_ family: Family, into output: inout [UInt8]) {
        for slot in family.order {
            let text = series[Int(slot)].text
            let offset = Int(cells[Int(slot)].offset)
            var count = 0.0
            for (bucket, end) in family.bucketEnds.enumerated() {
                count += values[offset + bucket]
                output.append(contentsOf: family.sampleNames[0])
                output.append(contentsOf: text)
                output.append(text.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
                output.append(contentsOf: end)
                output.append(number: count)
                output.append(UInt8(ascii: "\n"))
            }
            output.append(sample: family.sampleNames[1], labels: text, values[offset + family.bucketEnds.count])
            output.append(sample: family.sampleNames[2], labels: text, count)
        }
    }

    private func renderSummaries(_ family: Family, into output: inout [UInt8]) {
        for slot in family.order {
            let text = series[Int(slot)].text
            let offset = Int(cells[Int(slot)].offset)
            output.append(sample: family.sampleNames[0], labels: text, values[offset])
            output.append(sample: family.sampleNames[1], labels: text, values[offset + 1])
        }
    }
}

extension [UInt8] {
    /// Appends a line: `name{labels} value`.
    fileprivate mutating func append(sample name: [UInt8], labels: [UInt8], _ value: Double) {
        append(contentsOf: name)
        append(contentsOf: labels)
        if !labels.isEmpty { append(UInt8(ascii: "}")) }
        append(UInt8(ascii: " "))
        append(number: value)
        append(UInt8(ascii: "\n"))
    }
}
