import Mobility

/// `[Type NAME]`.
struct TypeSection: ConfigurationSection {
    enum Key: String, CaseIterable {
        case share = "Share"
        case lingerSec = "LingerSec"
        case graceSec = "GraceSec"
        case onLoss = "OnLoss"
        case preferCurrentNetwork = "PreferCurrentNetwork"
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
        case .graceSec where isReset: policy.grace = defaults.grace
        case .graceSec: policy.grace = try assignment.timeSpan()
        case .onLoss where isReset: policy.onLoss = defaults.onLoss
        case .onLoss: policy.onLoss = try assignment.choice(["abort": .abort, "tell": .tell])
        case .preferCurrentNetwork where isReset:
            policy.prefersCurrentNetwork = defaults.prefersCurrentNetwork
        case .preferCurrentNetwork:
            policy.prefersCurrentNetwork = try assignment.choice(["yes": true, "no": false])
        }
    }
}
