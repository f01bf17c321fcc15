import CLibc
import EventLoop
import Mobility
import Posix

/// What the program odmd does, from its arguments to its exit status.
public enum Program {
    public static let version = "0.1.0"

    /// - Parameter arguments: without the name of the program.
    public static func run(_ arguments: [String]) -> Int32 {
        switch DaemonCommand(arguments: arguments, version: version) {
        case .print(let text):
            Process.print(text)
            return EX_OK
        case .usageError(let text):
            Process.print(text, toError: true)
            return EX_USAGE
        case .checkConfiguration(let path, let isDefaultPath):
            return checkConfiguration(path, isDefaultPath: isDefaultPath)
        case .run(let options):
            return serve(options)
        }
    }

    private static func checkConfiguration(_ path: String, isDefaultPath: Bool) -> Int32 {
        do {
            let configuration = try DaemonConfiguration.load(path: path, isDefaultPath: isDefaultPath)
            let count = configuration.mobility.sources.count
            Process.print("\(path) is good: \(count) \(count == 1 ? "source" : "sources")")
            return EX_OK
        } catch {
            for line in error.lines { Process.print(line, toError: true) }
            return EX_CONFIG
        }
    }

    private static func serve(_ options: DaemonOptions) -> Int32 {
        let log = Log(program: "odmd", level: .info)
        let configuration: DaemonConfiguration
        do {
            configuration = try DaemonConfiguration.load(
                path: options.configurationPath, isDefaultPath: options.isDefaultConfiguration)
        } catch {
            for line in error.lines { log.error("\(line)") }
            return EX_CONFIG
        }
        log.level = LogLevel(configuration.logLevel)
        do {
            return try Service(options, configuration, log).run()
        } catch {
            log.error("\(error)")
            return EX_OSERR
        }
    }
}

extension LogLevel {
    init(_ threshold: LogThreshold) {
        switch threshold {
        case .error: self = .error
        case .warning: self = .warning
        case .info: self = .info
        case .debug: self = .debug
        }
    }
}
