import EventLoop
import KernelHooks
import Mobility
import Posix

/// Which control groups get addresses of which type without asking. The kernel's map is the only record of it, and
/// outlives the daemon; a group that is gone is taken out.
final class ControlGroupAssignments {
    private static let sweepMicroseconds: UInt64 = 10_000_000
    /// What `odmctl run --kernel` calls the groups that it makes where there is no systemd; when the last process has
    /// ended, they are removed.
    private static let ownPrefix = "odm-run-"

    private let loop: EventLoop
    private let log: Log
    private let controlGroups = ControlGroups()
    private(set) var types: [UInt64: ContinuityType] = [:]
    private var sweep: Timer?

    init(loop: EventLoop, log: Log) {
        self.loop = loop
        self.log = log
    }

    var assignedTypes: Set<ContinuityType> { Set(types.values) }

    func listing() -> [(controlGroup: String, type: ContinuityType)] {
        types.compactMap { group, type in controlGroups.path(of: group).map { ($0, type) } }.sorted {
            $0 < $1
        }
    }

    /// Takes over what is in the kernel.
    func adopt(_ hooks: KernelHooks, for daemon: Daemon) {
        types = hooks.assignedGroups
        sweep = try? loop.timer { [unowned self, unowned daemon, unowned hooks] in
            removeGone(hooks, for: daemon)
        }
        removeGone(hooks, for: daemon)
    }

    /// The hooks are not used any more; what is in the kernel stays there.
    func forget(for daemon: Daemon) {
        sweep = nil
        types = [:]
        settle(for: daemon)
    }

    func assign(
        _ type: ContinuityType?, to path: String, _ hooks: KernelHooks, for daemon: Daemon
    ) throws(AssignmentError) {
        let group: UInt64
        do { group = try ControlGroups.identifier(of: path) } catch { throw .noControlGroup(path) }
        do { try hooks.assign(type, to: group) } catch { throw .refused(error.description) }
        types[group] = type
        log.info(
            "control group \(path) \(type.map { "gets \($0) addresses" } ?? "gets no addresses any more")")
        settle(for: daemon)
    }

    private func settle(for daemon: Daemon) {
        daemon.tell(.typesAssigned(assignedTypes))
        if !types.isEmpty { sweep?.arm(at: loop.now + Self.sweepMicroseconds) }
    }

    // MARK: Groups that are gone

    private func removeGone(_ hooks: KernelHooks, for daemon: Daemon) {
        let gone = types.keys.filter { group in
            guard let path = controlGroups.path(of: group), ControlGroups.exists(path, group) else {
                return true
            }
            return ControlGroups.removeIfEmpty(path, named: Self.ownPrefix)
        }
        for group in gone {
            types[group] = nil
            do { try hooks.assign(nil, to: group) } catch { log.error("\(error)") }
        }
        settle(for: daemon)
    }
}

/// Why a control group cannot have a type.
enum AssignmentError: Error, Equatable {
    /// `Hooks=no`, or the programs are not loaded.
    case noHooks
    case noControlGroup(String)
    /// The kernel gives everybody the same address, and `Share=` of the type forbids that.
    case notShared(ContinuityType)
    /// What the kernel said.
    case refused(String)
}
