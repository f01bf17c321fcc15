import Mobility

/// `[Type NAME]`.
struct TypeSection: ConfigurationSection {
    enum Key: String, CaseIterable {
        case share = "Share"
        case lingerSec = "LingerSec"
    }

    static let form = "[Type NAME]"

    private let defaults: TypePolicy
    private(set) var policy: TypePolicy

    init(defaults: TypePolicy) {
        self.defaults = defaults
        policy = defaults
    }

    mutating func assign(_ assignment: ConfigurationAssignment, to key: Key) throws(SettingProblem) {
        let isReset = assignment.value.isEmpty
        switch key {
        case .share where isReset: policy.share = defaults.share
        case .share: policy.share = try assignment.choice(["host": .host, "user": .user, "socket": .socket])
        case .lingerSec where isReset: policy.linger = defaults.linger
        case .lingerSec: policy.linger = try assignment.timeSpan()
        }
    }
}
