import Mobility
import Posix

/// The configuration while its files are read: what they say so far, and what is wrong with them.
struct ConfigurationDraft {
    private var daemon = DaemonSection()
    private var types: PerType<TypeSection>
    private var sources: [SourceSection] = []
    private var sourceIndices: [String: Int] = [:]
    private var rules: [RuleSection] = []
    private var ruleIndices: [String: Int] = [:]
    private var errors: [ConfigurationError] = []
    private var files: [String] = []

    init() {
        types = PerType(repeating: TypeSection(.sessionLasting))
        for type in ContinuityType.allCases { types[type] = TypeSection(type) }
    }

    /// Adds a file; what it says replaces what files before it said.
    mutating func read(_ file: ConfigurationFile) {
        files.append(file.path)
        errors += file.errors
        var position = Position.beforeFirstSection
        for line in file.lines {
            switch line.statement {
            case .section(let header): position = enter(header, at: line.location)
            case .brokenSection: position = .unknownSection
            case .assignment(let assignment):
                do {
                    try accept(assignment, at: position)
                } catch {
                    errors.append(ConfigurationError(assignment.location, assignment.text, error.text))
                }
            }
        }
    }

    /// Notes a file, or a directory of files, that cannot be read.
    mutating func fail(_ path: String, _ problem: String) {
        files.append(path)
        errors.append(ConfigurationError(ConfigurationLocation(file: path, line: 0), "", problem))
    }

    /// The configuration, if there was no error in any file and the whole makes sense.
    func finished() throws(ConfigurationErrors) -> LoadedConfiguration {
        var errors = errors
        var configuration = DaemonConfiguration()
        configuration.adminGroup = daemon.adminGroup
        configuration.logLevel = daemon.logLevel
        configuration.socketEventBufferBytes = daemon.socketEventBufferBytes
        configuration.usesHooks = daemon.usesHooks
        configuration.mobility.requestTimeout = daemon.requestTimeout
        configuration.mobility.defaultType = daemon.defaultType
        for type in ContinuityType.allCases {
            configuration.mobility.types[type] = types[type].policy
            errors += types[type].errors
        }
        errors += defaultTypeErrors
        for index in rules.indices { errors += rules[index].errors(after: Array(rules[..<index])) }
        configuration.mobility.policy = Policy(
            rules.map(\.rule), fixedGroup: Account.group(named: Self.fixedGroup))
        for section in sources {
            var finishing = SourceFinishing(section)
            if let source = finishing.finish() { configuration.add(source) }
            errors += finishing.errors
        }
        if sources.isEmpty { configuration.mobility.sources = [BuiltInSource.source] }
        let prefixes = sources.flatMap(\.prefixes)
            .sorted { rank($0.origin.location) < rank($1.origin.location) }
        errors += PrefixOverlap.errors(among: prefixes)
        guard errors.isEmpty else { throw ConfigurationErrors(sorted(errors)) }
        return LoadedConfiguration(configuration: configuration, settings: settings)
    }

    private var defaultTypeErrors: [ConfigurationError] {
        guard let type = daemon.defaultType, types[type].policy.share != .host,
            let origin = daemon.origins.last(.defaultType)
        else { return [] }
        let problem = "no address of the type is for everybody; write Share=host in [Type \(type)]"
        return [ConfigurationError(origin.location, origin.text, problem)]
    }

    /// Members of it may have Fixed addresses where no rule says otherwise. It need not exist.
    static let fixedGroup = "odm-fixed"

    private var settings: [Setting] {
        let ofTypes = ContinuityType.allCases.flatMap { types[$0].settings(under: "Type \($0)") }
        let ofSources = sources.flatMap { source in
            source.settings(under: "Source \(source.name)") { source.kind?.keys.contains($0) ?? true }
        }
        let ofRules = rules.flatMap { $0.settings(under: "Rule \($0.rule.name)") }
        return daemon.settings(under: "Daemon") + ofTypes
            + (ofSources.isEmpty ? BuiltInSource.settings : ofSources)
            + ofRules
    }

    /// In the order of the files and of their lines, so that an editor is walked through them once.
    private func sorted(_ errors: [ConfigurationError]) -> [ConfigurationError] {
        errors.enumerated()
            .sorted { (rank($0.element.location), $0.offset) < (rank($1.element.location), $1.offset) }
            .map(\.element)
    }

    /// The place of a line among all that were read.
    private func rank(_ location: ConfigurationLocation) -> Int {
        let file = files.firstIndex(of: location.file) ?? 0
        return file * (ConfigurationFile.sizeLimit + 2) + location.line
    }
}

extension ConfigurationDraft {
    /// Which section the reader is in.
    private enum Position {
        case beforeFirstSection
        /// Reported at its header; its keys are not looked at.
        case unknownSection
        case daemon
        case type(ContinuityType)
        /// An index of `sources`.
        case source(Int)
        /// An index of `rules`.
        case rule(Int)
    }

    private mutating func enter(_ header: String, at location: ConfigurationLocation) -> Position {
        do {
            switch try SectionName(header) {
            case .daemon: return .daemon
            case .type(let type): return .type(type)
            case .source(let name): return .source(indexOfSource(name, at: location))
            case .rule(let name): return .rule(indexOfRule(name, at: location))
            }
        } catch {
            errors.append(ConfigurationError(location, "[\(header)]", error.text))
            return .unknownSection
        }
    }

    private mutating func indexOfSource(_ name: String, at location: ConfigurationLocation) -> Int {
        if let index = sourceIndices[name] { return index }
        sourceIndices[name] = sources.count
        sources.append(SourceSection(name: name, location: location))
        return sources.count - 1
    }

    private mutating func indexOfRule(_ name: String, at location: ConfigurationLocation) -> Int {
        if let index = ruleIndices[name] { return index }
        ruleIndices[name] = rules.count
        rules.append(RuleSection(name: name, location: location))
        return rules.count - 1
    }

    private mutating func accept(
        _ assignment: ConfigurationAssignment, at position: Position
    ) throws(SettingProblem) {
        switch position {
        case .unknownSection: return
        case .beforeFirstSection:
            let forms = Suggestion.alternatives(SectionName.forms)
            throw SettingProblem("stands before the first section; write \(forms) above it")
        case .daemon, .type, .source, .rule: try assignment.checkForComment()
        }
        switch position {
        case .beforeFirstSection, .unknownSection: return
        case .daemon: try daemon.accept(assignment)
        case .type(let type): try types[type].accept(assignment)
        case .source(let index): try sources[index].accept(assignment)
        case .rule(let index): try rules[index].accept(assignment)
        }
    }
}
