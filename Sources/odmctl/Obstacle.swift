import Posix
import Programs

/// Why a library that is preloaded does not come into a program.
enum Obstacle: Equatable {
    case isStatic
    case isGo
    case otherMachine
    case otherLoader(String)
    case privileged(ProgramPrivileges)
    case tooManyScripts
    case malformed(ElfError)

    /// Whether the program runs all the same, so that the kernel's programs can give it addresses.
    var leavesItRunning: Bool {
        switch self {
        case .isStatic, .isGo, .otherMachine, .otherLoader, .privileged: true
        case .tooManyScripts, .malformed: false
        }
    }

    /// What is so about the program: "is linked statically".
    var words: String {
        switch self {
        case .isStatic: "is linked statically"
        case .isGo: "is a Go program, which makes system calls without libc"
        case .otherMachine: "is for another kind of machine, or of another word size, than odmctl"
        case .otherLoader(let path): "is loaded by \(path), not by the dynamic linker of glibc"
        case .privileged(.setUser): "has the set-user-ID bit, so that it loads no libraries of ours"
        case .privileged(.setGroup): "has the set-group-ID bit, so that it loads no libraries of ours"
        case .privileged(.capabilities): "has file capabilities, so that it loads no libraries of ours"
        case .tooManyScripts: "is run by a script that a script runs, and so on: more than the kernel follows"
        case .malformed(let error): "cannot be run: \(error)"
        }
    }
}
