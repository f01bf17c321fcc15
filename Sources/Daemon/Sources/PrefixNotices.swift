import EventLoop
import Kernel
import Mobility
import NetworkSide

/// What the kernel tells of advertised prefixes, each once and in the form that says most.
///
/// Every kernel tells a prefix without its type (RTM_NEWPREFIX), newer ones the whole option as well, and later.
final class PrefixNotices {
    /// A prefix without its type is held back for so long: if an option follows, kernels of its time tell all of it, and the
    /// same thing told with less is ignored from then on.
    static let heldBackMicroseconds: UInt64 = 20_000
    /// Prefixes that are held back; as many as a link may have in all.
    static let mostHeldBack = 32

    private let loop: EventLoop
    private let tell: (Advertisement) -> Void
    private var kernelTellsOptions = false
    /// In the order in which they are due.
    private var heldBack: [(due: UInt64, advertisement: Advertisement)] = []
    private var timer: Timer?

    init(loop: EventLoop, tell: @escaping (Advertisement) -> Void) throws {
        self.loop = loop
        self.tell = tell
        timer = try loop.timer { [unowned self] in tellDue() }
    }

    func hear(_ notice: RouterNotice) {
        switch notice {
        case .option(let octets, let index):
            guard let prefix = PrefixInformation(option: octets.span) else { return }
            kernelTellsOptions = true
            heldBack = []
            tell(Advertisement(prefix, interfaceIndex: index))
        case .prefix(let prefix):
            let information = PrefixInformation(prefix)
            guard !kernelTellsOptions, information.isUsable, heldBack.count < Self.mostHeldBack else {
                return
            }
            let due = loop.now + Self.heldBackMicroseconds
            heldBack.append((due, Advertisement(information, interfaceIndex: prefix.interfaceIndex)))
            arm()
        }
    }

    private func tellDue() {
        let now = loop.now
        while let first = heldBack.first, first.due <= now { tell(heldBack.removeFirst().advertisement) }
        arm()
    }

    private func arm() { if let first = heldBack.first { timer?.arm(at: first.due) } }
}

extension PrefixInformation {
    fileprivate init(_ prefix: KernelPrefix) {
        self.init(
            prefix: prefix.prefix, isOnLink: prefix.isOnLink, isAutonomous: prefix.isAutonomous,
            validSeconds: prefix.validSeconds, preferredSeconds: prefix.preferredSeconds)
    }
}

extension Advertisement {
    init(_ prefix: PrefixInformation, interfaceIndex: UInt32) {
        self.init(
            interfaceIndex: interfaceIndex, prefix: prefix.prefix, type: prefix.type,
            isAutonomous: prefix.isAutonomous, preferredLifetime: Self.lifetime(prefix.preferredSeconds),
            validLifetime: Self.lifetime(prefix.validSeconds))
    }

    private static func lifetime(_ seconds: UInt32) -> Duration? {
        seconds == .max ? nil : .seconds(Int64(seconds))
    }
}
