/// `Setting` of the interface.
struct SettingRow: Encodable {
    private let setting: Setting
    private let isShown: Bool

    /// - Parameter showsSecrets: arguments of helper programs may hold some.
    init(_ setting: Setting, showsSecrets: Bool) {
        self.setting = setting
        isShown = showsSecrets || setting.key != SourceSection.Key.command.rawValue
    }

    private enum Field: CodingKey {
        case section, key, value, file, line
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: Field.self)
        try row.encode(setting.section, forKey: .section)
        try row.encode(setting.key, forKey: .key)
        if isShown { try row.encode(setting.value, forKey: .value) }
        try row.encodeIfPresent(setting.location?.file, forKey: .file)
        try row.encodeIfPresent(setting.location?.line, forKey: .line)
    }
}
