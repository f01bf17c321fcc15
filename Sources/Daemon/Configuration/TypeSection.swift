import Mobility

/// `[Type NAME]`.
struct TypeSection: ConfigurationSection {
    enum Key: String, CaseIterable {
        case share = "Share"
        case lingerSec = "LingerSec"
        case graceSec = "GraceSec"
        case acquire = "Acquire"
        case maxAgeSec = "MaxAgeSec"
        case maxBytes = "MaxBytes"
        case onLoss = "OnLoss"
        case preferCurrentNetwork = "PreferCurrentNetwork"
    }

    static let form = "[Type NAME]"

    private let type: ContinuityType
    private let defaults: TypePolicy
    private(set) var policy: TypePolicy
    var origins = SettingOrigins<Key>()

    init(_ type: ContinuityType) {
        self.type = type
        defaults = Mobility.Configuration().types[type]
        policy = defaults
    }

    func defaultText(_ key: Key) -> String? {
        switch key {
        case .share: "host"
        case .lingerSec: type == .fixed ? "infinity" : "30"
        case .graceSec: type == .nonPersistent ? nil : "60"
        case .acquire: "demand"
        case .onLoss: "abort"
        case .preferCurrentNetwork: type == .fixed ? "no" : type == .sessionLasting ? "yes" : nil
        case .maxAgeSec, .maxBytes: type == .fixed ? nil : "infinity"
        }
    }

    mutating func set(_ key: Key, _ assignment: ConfigurationAssignment) throws(SettingProblem) {
        switch key {
        case .share: policy.share = try assignment.choice(["host": .host, "user": .user, "socket": .socket])
        case .lingerSec: policy.linger = try assignment.timeSpan()
        case .graceSec: policy.grace = try assignment.timeSpan()
        case .acquire: policy.isAcquiredAtBoot = try assignment.choice(["demand": false, "boot": true])
        case .onLoss: policy.onLoss = try assignment.choice(["abort": .abort, "tell": .tell])
        case .preferCurrentNetwork:
            policy.prefersCurrentNetwork = try assignment.choice(["yes": true, "no": false])
        case .maxAgeSec:
            try refuseForFixed()
            policy.maxAge = try assignment.age()
        case .maxBytes:
            try refuseForFixed()
            policy.maxOctets = try assignment.volume()
        }
    }

    mutating func reset(_ key: Key) {
        switch key {
        case .share: policy.share = defaults.share
        case .lingerSec: policy.linger = defaults.linger
        case .graceSec: policy.grace = defaults.grace
        case .acquire: policy.isAcquiredAtBoot = defaults.isAcquiredAtBoot
        case .onLoss: policy.onLoss = defaults.onLoss
        case .preferCurrentNetwork: policy.prefersCurrentNetwork = defaults.prefersCurrentNetwork
        case .maxAgeSec: policy.maxAge = defaults.maxAge
        case .maxBytes: policy.maxOctets = defaults.maxOctets
        }
    }

    private func refuseForFixed() throws(SettingProblem) {
        if type == .fixed { throw SettingProblem("a fixed address is the same for ever; leave it out") }
    }

    /// What does not go together.
    var errors: [ConfigurationError] {
        guard policy.isAcquiredAtBoot, policy.share != .host, let origin = origins.last(.acquire) else {
            return []
        }
        let problem =
            "before anybody asks there is only an address for everybody; write Share=host, or leave it out"
        return [ConfigurationError(origin.location, origin.text, problem)]
    }
}

extension ConfigurationAssignment {
    /// A time after which new sockets get a fresh address; nil for none.
    fileprivate func age() throws(SettingProblem) -> Duration? {
        let age = try timeSpan()
        guard age ?? TypePolicy.shortestMaxAge >= TypePolicy.shortestMaxAge else {
            throw SettingProblem("out of bounds; write a span from 1s, or infinity")
        }
        return age
    }

    /// A volume of traffic after which new sockets get a fresh address; nil for none.
    fileprivate func volume() throws(SettingProblem) -> UInt64? {
        if value == "infinity" { return nil }
        switch ByteCount(value) {
        case .octets(let octets) where octets > 0: return UInt64(octets)
        case .octets, .tooLarge: throw SettingProblem("out of bounds; write a size from 1, or infinity")
        case nil: throw SettingProblem("not a size; write octets, or a size such as 512M, 20G, or infinity")
        }
    }
}
