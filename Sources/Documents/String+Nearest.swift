extension String {
    /// The candidate that this was most likely meant to be, for "did you mean": the same but for case and
    /// separators, or a few typing slips away, at most one for every three characters.
    package func nearest(in candidates: [String]) -> String? {
        let typed = Array(folded)
        // A key of a kilobyte is no slip, and the distance takes the product of both lengths.
        guard !typed.isEmpty, typed.count <= 64 else { return nil }
        var best: (distance: Int, candidate: String)?
        for candidate in candidates where candidate != self {
            let distance = slips(from: typed, to: Array(candidate.folded))
            guard distance <= max(1, min(typed.count, candidate.utf8.count) / 3) else { continue }
            if distance < best?.distance ?? .max { best = (distance, candidate) }
        }
        return best?.candidate
    }

    private var folded: String.UTF8View {
        filter { !"-_. ".contains($0) }.lowercased().utf8
    }
}

/// The characters to insert, delete, replace or swap with a neighbour (optimal string alignment).
private func slips(from typed: [UInt8], to meant: [UInt8]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...meant.count)
    for (row, typedByte) in typed.enumerated() {
        var current = [row + 1]
        for (column, meantByte) in meant.enumerated() {
            var distance = Swift.min(
                previous[column] + (typedByte == meantByte ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, typedByte == meant[column - 1], typed[row - 1] == meantByte {
                distance = Swift.min(distance, beforePrevious[column - 1] + 1)
            }
            current.append(distance)
        }
        beforePrevious = previous
        previous = current
    }
    return previous[meant.count]
}
