import EventLoop
import Posix

/// One end of a connection by which questions and answers about holders go; it is closed with this.
final class HolderConnection {
    let descriptor: Descriptor
    private var source: IOSource?

    /// - Parameter receive: called while there is something to read, or the other side has closed.
    init(
        _ descriptor: consuming Descriptor, on loop: EventLoop, _ receive: @escaping () -> Void
    ) throws(EventLoopError) {
        self.descriptor = descriptor
        source = try loop.watch(self.descriptor.number, for: .input) { _ in receive() }
    }
}
