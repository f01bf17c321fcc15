import EventLoop
import Mobility

/// `[Daemon]`.
struct DaemonSection: ConfigurationSection {
    enum Key: String, CaseIterable {
        case requestTimeoutSec = "RequestTimeoutSec"
        case adminGroup = "AdminGroup"
        case defaultType = "DefaultType"
        case logLevel = "LogLevel"
        case socketEventBufferBytes = "SocketEventBufferBytes"
        case hooks = "Hooks"
    }

    static let form = "[Daemon]"

    /// A client that waits longer has something wrong, and each waiting request costs memory.
    static let longestRequestTimeout = Duration.seconds(3600)

    /// Octets; no name service on Linux has longer names of groups.
    static let longestGroupName = 255

    /// The lower bound has room for a hundred sockets that die at once; each time that there is none, all
    /// sockets of the host are looked at. SO_RCVBUFFORCE takes no more than the upper bound.
    static let socketEventBufferBounds = 64 << 10...1 << 30

    private(set) var requestTimeout = Mobility.Configuration().requestTimeout
    private(set) var adminGroup = DaemonConfiguration().adminGroup
    private(set) var defaultType = Mobility.Configuration().defaultType
    private(set) var logLevel = DaemonConfiguration().logLevel
    private(set) var socketEventBufferBytes = DaemonConfiguration().socketEventBufferBytes
    private(set) var usesHooks = DaemonConfiguration().usesHooks
    var origins = SettingOrigins<Key>()

    func defaultText(_ key: Key) -> String? {
        switch key {
        case .requestTimeoutSec: "10"
        case .adminGroup: "odm"
        case .defaultType: "none"
        case .logLevel: "info"
        case .socketEventBufferBytes: "64M"
        case .hooks: "no"
        }
    }

    mutating func set(_ key: Key, _ assignment: ConfigurationAssignment) throws(SettingProblem) {
        switch key {
        case .requestTimeoutSec: requestTimeout = try Self.requestTimeout(assignment)
        case .adminGroup: adminGroup = try Self.groupName(assignment.value)
        case .defaultType:
            let types = ContinuityType.allCases.map { ($0.description, ContinuityType?.some($0)) }
            defaultType = try assignment.choice([("none", nil)] + types)
        case .logLevel:
            logLevel = try assignment.choice([
                "error": LogLevel.error, "warning": .warning, "info": .info, "debug": .debug,
            ])
        case .socketEventBufferBytes: socketEventBufferBytes = try Self.eventBuffer(assignment)
        case .hooks: usesHooks = try assignment.choice(["no": false, "yes": true])
        }
    }

    mutating func reset(_ key: Key) {
        let defaults = DaemonSection()
        switch key {
        case .requestTimeoutSec: requestTimeout = defaults.requestTimeout
        case .adminGroup: adminGroup = defaults.adminGroup
        case .defaultType: defaultType = defaults.defaultType
        case .logLevel: logLevel = defaults.logLevel
        case .socketEventBufferBytes: socketEventBufferBytes = defaults.socketEventBufferBytes
        case .hooks: usesHooks = defaults.usesHooks
        }
    }

    private static func requestTimeout(_ assignment: ConfigurationAssignment) throws(SettingProblem)
        -> Duration
    {
        switch TimeSpan(assignment.value) {
        case .finite(let span) where span > .zero && span <= longestRequestTimeout: return span
        case .finite, .infinity, .tooLong:
            throw SettingProblem("out of bounds; write a span above 0 and up to 1h")
        case nil: throw SettingProblem("not a time span; write seconds or a span such as 10, 500ms, 1min")
        }
    }

    private static func eventBuffer(_ assignment: ConfigurationAssignment) throws(SettingProblem) -> Int {
        switch ByteCount(assignment.value) {
        case .octets(let octets) where socketEventBufferBounds.contains(octets): return octets
        case .octets, .tooLarge: throw SettingProblem("out of bounds; write a size from 64K to 1G")
        case nil: throw SettingProblem("not a size; write octets, or a size such as 512K, 64M, 1G")
        }
    }

    /// A name that group(5) can hold. Whether the group exists is not asked: it may be made later.
    private static func groupName(_ name: String) throws(SettingProblem) -> String {
        if name.allSatisfy({ $0.isASCII && $0.isNumber }) {
            throw SettingProblem("a number; write the name of the group")
        }
        let isForbidden = { (scalar: Unicode.Scalar) in
            scalar.value < 0x20 || scalar.value == 0x7f || ":,/".unicodeScalars.contains(scalar)
        }
        guard name.utf8.count <= longestGroupName, !name.hasPrefix("-"),
            !name.unicodeScalars.contains(where: isForbidden)
        else { throw SettingProblem("not a name of a group; write one such as odm or wheel") }
        return name
    }
}
