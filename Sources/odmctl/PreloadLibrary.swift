import Posix

/// The library that asks odmd in a program's place, and how the dynamic linker is told of it.
enum PreloadLibrary {
    static let variable = "LD_PRELOAD"
    private static let name = "libodm-preload.so"

    /// Its path: beside odmctl, as in a build, or where it is installed.
    static func find() throws(Failure) -> String {
        guard let own = File.target(of: "/proc/self/exe") else {
            throw Failure("/proc is not there, by which odmctl finds its library", ExitStatus.fileMissing)
        }
        let places = places(besides: own)
        guard let path = places.first(where: File.isThere) else {
            throw Failure(
                "the library for other programs is not installed: none of \(places.joined(separator: ", "))",
                ExitStatus.fileMissing)
        }
        guard !path.contains(where: isSeparator) else {
            throw Failure(
                "\(path) cannot be preloaded: the dynamic linker takes a space or colon for the end of a path",
                ExitStatus.configuration)
        }
        return path
    }

    /// Where it may be.
    static func places(besides program: String) -> [String] {
        let directory = parent(of: program)
        return ["\(directory)/\(name)"]
            + ["lib", "lib/\(architecture)-linux-gnu", "lib64"].map {
                "\(parent(of: directory))/\($0)/odm/\(name)"
            }
    }

    /// The value of LD_PRELOAD that has the library first, and behind it what was there before.
    static func value(_ path: String, before others: String?) -> String {
        let others = (others ?? "").split(whereSeparator: isSeparator).map(String.init)
        return ([path] + others.filter { $0 != path }).joined(separator: ":")
    }

    private static func isSeparator(_ character: Character) -> Bool { character == ":" || character == " " }

    private static func parent(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    #if arch(arm64)
        private static let architecture = "aarch64"
    #elseif arch(riscv64)
        private static let architecture = "riscv64"
    #elseif arch(s390x)
        private static let architecture = "s390x"
    #elseif arch(powerpc64le)
        private static let architecture = "powerpc64le"
    #else
        private static let architecture = "x86_64"
    #endif
}
