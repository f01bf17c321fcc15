import Posix
import Programs

/// Whether a library that is preloaded comes into a program, as far as the program's file tells.
struct Reach: Equatable {
    /// The program and, if it is a script, what runs it, and what runs that.
    private(set) var paths: [String] = []
    /// Nil if the library comes in, or `isKnown` is false.
    private(set) var obstacle: Obstacle?
    /// False if the program may not be read.
    private(set) var isKnown = true

    /// - Parameter caller: who runs the program.
    init(path: String, caller: ProgramPrivileges.Caller) {
        var next: String? = path
        while let path = next {
            guard paths.count <= ScriptLine.depthLimit else {
                obstacle = .tooManyScripts
                return
            }
            paths.append(path)
            next = Self.interpreter(ofScript: path)
        }
        look(at: paths[paths.count - 1], caller)
    }

    /// Nil if the file is none, as far as can be seen.
    private static func interpreter(ofScript path: String) -> String? {
        guard let file = try? ProgramFile.open(path) else { return nil }
        let beginning = file.read(at: 0, count: ScriptLine.limit)
        if let line = ScriptLine(beginning) {
            return line.nameForEnv.flatMap(SearchPath.find) ?? line.interpreter
        }
        // What the kernel does not know, execvp(3) gives to a shell.
        return beginning.starts(with: ElfKind.magic) ? nil : "/bin/sh"
    }

    private mutating func look(at path: String, _ caller: ProgramPrivileges.Caller) {
        if let privileges = try? ProgramPrivileges.given(by: path, to: caller) {
            obstacle = .privileged(privileges)
            return
        }
        do {
            let file = try ProgramFile.open(path)
            obstacle = Self.obstacle(in: file, try Loading(of: ProgramFile.open("/proc/self/exe")))
        } catch {
            isKnown = false
        }
    }

    /// How a program of ours is loaded: the library wants the same.
    private struct Loading {
        let kind: ElfKind
        let linker: Substring?

        init(of file: borrowing ProgramFile) throws {
            kind = try ElfKind(file.read(at: 0, count: ElfKind.headerSize))
            linker = try file.program().interpreter?.split(separator: "/").last
        }
    }

    private static func obstacle(in file: borrowing ProgramFile, _ own: Loading) -> Obstacle? {
        do throws(ElfError) {
            let kind = try ElfKind(file.read(at: 0, count: ElfKind.headerSize))
            guard kind == own.kind else { return .otherMachine }
            let program = try file.program()
            guard let linker = program.interpreter else { return .isStatic }
            guard linker.split(separator: "/").last == own.linker else { return .otherLoader(linker) }
            return program.isGo ? .isGo : nil
        } catch {
            return .malformed(error)
        }
    }
}

extension ProgramFile {
    fileprivate borrowing func program() throws(ElfError) -> ElfProgram {
        try ElfProgram { read(at: $0, count: $1) }
    }
}

extension Reach {
    /// Why the library does not come in, in a sentence about the program; nil if it does.
    var explanation: String? {
        guard let obstacle, let first = paths.first, let last = paths.last else { return nil }
        return paths.count == 1
            ? "\(first) \(obstacle.words)" : "\(first) is run by \(last), which \(obstacle.words)"
    }

    /// What was found out where nothing is in the way.
    var findings: String {
        let chain = paths.joined(separator: ", which is run by ")
        return isKnown
            ? "the library reaches \(chain)" : "the library may reach \(chain), which may not be read"
    }
}
