import Mobility

/// The configuration while its files are read: what they say so far, and what is wrong with them.
struct ConfigurationDraft {
    private var daemon = DaemonSection()
    private var types: PerType<TypeSection>
    private var sources: [SourceSection] = []
    private var sourceIndices: [String: Int] = [:]
    private var errors: [ConfigurationError] = []
    private var files: [String] = []

    init() {
        let defaults = Mobility.Configuration().types
        types = PerType(repeating: TypeSection(defaults: defaults.sessionLasting))
        for type in ContinuityType.allCases { types[type] = TypeSection(defaults: defaults[type]) }
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
    func finished() throws(ConfigurationErrors) -> DaemonConfiguration {
        var errors = errors
        var configuration = DaemonConfiguration()
        configuration.adminGroup = daemon.adminGroup
        configuration.logLevel = daemon.logLevel
        configuration.socketEventBufferBytes = daemon.socketEventBufferBytes
        configuration.mobility.requestTimeout = daemon.requestTimeout
        for type in ContinuityType.allCases { configuration.mobility.types[type] = types[type].policy }
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
        return configuration
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
    }

    private mutating func enter(_ header: String, at location: ConfigurationLocation) -> Position {
        do {
            switch try SectionName(header) {
            case .daemon: return .daemon
            case .type(let type): return .type(type)
            case .source(let name): return .source(indexOfSource(name, at: location))
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

    private mutating func accept(
        _ assignment: ConfigurationAssignment, at position: Position
    ) throws(SettingProblem) {
        switch position {
        case .unknownSection: return
        case .beforeFirstSection:
            let forms = Suggestion.alternatives(SectionName.forms)
            throw SettingProblem("stands before the first section; write \(forms) above it")
        case .daemon, .type, .source: try assignment.checkForComment()
        }
        switch position {
        case .beforeFirstSection, .unknownSection: return
        case .daemon: try daemon.accept(assignment)
        case .type(let type): try types[type].accept(assignment)
        case .source(let index): try sources[index].accept(assignment)
        }
    }
}
