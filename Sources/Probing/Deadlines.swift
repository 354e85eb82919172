internal import Reactor

/// Small numbers, each with a time, the earliest first: a binary heap that knows where each number is. Pure.
struct Deadlines {
    private struct Entry {
        var deadline: Instant
        var number: Int32
    }

    private var heap: [Entry] = []
    /// By number, where in the heap it is; -1: it has no deadline.
    private var places: [Int32] = []

    var count: Int { heap.count }

    var first: (number: Int, deadline: Instant)? {
        heap.first.map { (Int($0.number), $0.deadline) }
    }

    /// Gives a number its deadline, or another one.
    mutating func set(_ number: Int, to deadline: Instant) {
        while places.count <= number { places.append(-1) }
        let entry = Entry(deadline: deadline, number: Int32(number))
        if places[number] < 0 {
            heap.append(entry)
            moveUp(entry, from: heap.count - 1)
        } else {
            replace(at: Int(places[number]), by: entry)
        }
    }

    /// Takes a number's deadline away; nothing when it has none.
    mutating func remove(_ number: Int) {
        guard number < places.count, places[number] >= 0 else { return }
        let index = Int(places[number])
        places[number] = -1
        let last = heap.removeLast()
        if index < heap.count { replace(at: index, by: last) }
    }

    private mutating func replace(at index: Int, by entry: Entry) {
        if entry.deadline < heap[index].deadline { moveUp(entry, from: index) } else { moveDown(entry, from: index) }
    }

    private mutating func moveUp(_ entry: Entry, from start: Int) {
        var index = start
        while index > 0, heap[(index - 1) / 2].deadline > entry.deadline {
            place(heap[(index - 1) / 2], at: index)
            index = (index - 1) / 2
        }
        place(entry, at: index)
    }

    private mutating func moveDown(_ entry: Entry, from start: Int) {
        var index = start
        while true {
            var child = 2 * index + 1
            if child >= heap.count { break }
            if child + 1 < heap.count, heap[child + 1].deadline < heap[child].deadline { child += 1 }
            if heap[child].deadline >= entry.deadline { break }
            place(heap[child], at: index)
            index = child
        }
        place(entry, at: index)
    }

    private mutating func place(_ entry: Entry, at index: Int) {
        heap[index] = entry
        places[Int(entry.number)] = Int32(index)
    }
}
