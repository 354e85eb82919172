internal import CLinux
internal import Glibc

/// Gives a file new contents without making the loop wait for the disk (aio(7)).
///
/// The new contents go to the disk in another file of the same folder, which then takes the name of the first: whoever
/// reads it, also after a crash, finds the old or the new contents, whole. glibc writes in a thread of its own; here
/// the loop asks it every few milliseconds, for as long as a write is under way.
package final class FileReplacement {
    private let loop: EventLoop
    private let path: String
    private let temporaryPath: String
    private var alarm: Alarm!
    private var write: FileWrite?
    private var done: ((SystemError?) -> Void)?

    private static let pollInterval = Duration.milliseconds(5)

    /// - Throws: When a file can't be made in the folder.
    package init(_ path: String, on loop: EventLoop) throws(SystemError) {
        // First, so that what is thrown away has nothing to take back.
        _ = try FileWrite.open(path + ".new")
        unlink(path + ".new")
        self.path = path
        temporaryPath = path + ".new"
        self.loop = loop
        alarm = loop.alarm { [unowned self] in poll() }
    }

    deinit {
        loop.remove(alarm)
        write?.giveUp()
    }

    /// - Parameter done: Called on the loop, once, and not from within this call, with what went wrong. One at a time: not
    ///   again before that.
    package func replace(with bytes: [UInt8], done: @escaping (SystemError?) -> Void) {
        precondition(self.done == nil, "one at a time")
        self.done = done
        alarm.deadline = .now() + FileReplacement.pollInterval
        write = FileWrite(bytes, to: temporaryPath)
    }

    private func poll() {
        if let write, !write.isOver {
            alarm.deadline = loop.now + FileReplacement.pollInterval
            return
        }
        var failure: SystemError?
        do throws(SystemError) {
            try write?.conclude()
            try systemCall("rename \(temporaryPath)") { rename(temporaryPath, path) }
        } catch {
            unlink(temporaryPath)
            failure = error
        }
        write = nil
        let done = self.done
        self.done = nil
        done?(failure)
    }
}

/// One write to a file and the flush to its disk, in memory that stays where it is until glibc is done with it.
private final class FileWrite {
    private let path: String
    private let buffer: UnsafeMutableRawBufferPointer
    /// The write, and the flush that waits for it.
    private let blocks = UnsafeMutablePointer<aiocb>.allocate(capacity: 2)
    /// -1: it could not be opened.
    private var file: Int32 = -1
    private var failure: SystemError?
    /// Whether glibc has it for good.
    private var isLeft = false

    static func open(_ path: String) throws(SystemError) -> Descriptor {
        Descriptor(owning: try systemCall("open \(path)") { heartmesh_open_for_writing(path) })
    }

    init(_ bytes: [UInt8], to path: String) {
        self.path = path
        buffer = .allocate(byteCount: bytes.count, alignment: 1)
        buffer.copyBytes(from: bytes)
        blocks.initialize(repeating: aiocb(), count: 2)
        do throws(SystemError) {
            file = try FileWrite.open(path).release()
            for index in 0..<2 {
                blocks[index].aio_fildes = file
                blocks[index].aio_sigevent.sigev_notify = Int32(SIGEV_NONE)
            }
            blocks[0].aio_buf = buffer.baseAddress
            blocks[0].aio_nbytes = buffer.count
            try systemCall("write \(path)") { aio_write(blocks) }
            try systemCall("fsync \(path)") { aio_fsync(O_SYNC, blocks + 1) }
        } catch {
            failure = error
        }
    }

    deinit {
        if isLeft { return }
        if file != -1 { close(file) }
        buffer.deallocate()
        blocks.deallocate()
    }

    var isOver: Bool { !(0..<2).contains { aio_error(blocks + $0) == EINPROGRESS } }

    /// - Throws: What went wrong.
    func conclude() throws(SystemError) {
        if let failure { throw failure }
        let codes = [aio_error(blocks), aio_error(blocks + 1)]
        let count = aio_return(blocks)
        _ = aio_return(blocks + 1)
        if codes[0] != 0 { throw SystemError("write \(path)", errno: codes[0]) }
        // A full disk takes what fits.
        if count != buffer.count { throw SystemError("write \(path)", errno: ENOSPC) }
        if codes[1] != 0 { throw SystemError("fsync \(path)", errno: codes[1]) }
    }

    /// Takes it back if no thread has begun with it; otherwise the memory is left to that thread.
    func giveUp() {
        if file != -1 { aio_cancel(file, nil) }
        isLeft = !isOver
    }
}
