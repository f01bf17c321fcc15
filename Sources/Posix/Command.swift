import CLibc

/// A program of the system's that is run for what it prints, with our environment, and waited for.
public enum Command {
    public struct Outcome: Equatable, Sendable {
        /// Exit status; nil if a signal ended it.
        public var status: Int32?
        /// What it wrote to standard output.
        public var output: String
    }

    /// Most octets of output; more is not read.
    private static let outputLimit = 1 << 22

    /// - Parameters:
    ///   - words: its name, which is looked for in PATH, and its arguments.
    ///   - isQuiet: what it writes to standard error is thrown away; else it is ours.
    /// - Throws: ENOENT if there is no such program; EAGAIN, EMFILE, ENOMEM.
    public static func run(_ words: [String], isQuiet: Bool = false) throws(SystemError) -> Outcome {
        let pipe = try PipeEnds.make(readingWaits: true)
        let process = try start(words, output: pipe.writing.number, isQuiet: isQuiet)
        let output = pipe.takeReading()
        let octets = read(output.number)
        return Outcome(status: wait(for: process), output: String(decoding: octets, as: UTF8.self))
    }

    private static func start(
        _ words: [String], output: Int32, isQuiet: Bool
    ) throws(SystemError) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        if isQuiet {
            unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        }
        var process: pid_t = 0
        let errno = unsafe withCStrings(words) { arguments in
            unsafe posix_spawnp(&process, arguments[0]!, &actions, nil, arguments, odm_environment())
        }
        guard errno == 0 else { throw SystemError("run \(words[0])", errno: errno) }
        return process
    }

    private static func read(_ number: Int32) -> [UInt8] {
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while octets.count < outputLimit {
            let outcome = unsafe chunk.withUnsafeMutableBytes { buffer in
                retrying { unsafe CLibc.read(number, buffer.baseAddress, buffer.count) }
            }
            guard outcome.result > 0 else { break }
            octets += chunk.prefix(outcome.result)
        }
        return octets
    }

    private static func wait(for process: Int32) -> Int32? {
        var status: Int32 = 0
        let outcome = retrying { unsafe waitpid(process, &status, 0) }
        // WIFEXITED and WEXITSTATUS.
        guard outcome.errno == 0, status & 0x7F == 0 else { return nil }
        return status >> 8 & 0xFF
    }
}
