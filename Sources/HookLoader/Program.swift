import CBpf
import Posix

/// What the program odmd-hooks does, from its arguments to its exit status.
public enum Program {
    public static let version = "0.1.0"

    /// - Parameter arguments: without the name of the program.
    public static func run(_ arguments: [String]) -> Int32 {
        let defaults = LoaderOptions(program: File.target(of: "/proc/self/exe") ?? "/usr/sbin/odmd-hooks")
        switch LoaderCommand(arguments: arguments, defaults: defaults, version: version) {
        case .print(let text):
            Process.print(text)
            return EX_OK
        case .usageError(let text):
            Process.print(text, toError: true)
            return EX_USAGE
        case .load(let options):
            return run(options) { (loader) throws(LoaderError) in
                try loader.load()
                return EX_OK
            }
        case .unload(let options):
            return run(options) { (loader) throws(LoaderError) in
                if try !loader.unload() { Process.print("Nothing was loaded in \(options.pinDirectory).") }
                return EX_OK
            }
        case .status(let options):
            return run(options) { (loader) throws(LoaderError) in
                let status = try loader.status()
                Process.print(status?.description ?? "Nothing is loaded in \(options.pinDirectory).")
                return status == nil ? EX_UNAVAILABLE : EX_OK
            }
        }
    }

    private static func run(
        _ options: LoaderOptions, _ work: (Loader) throws(LoaderError) -> Int32
    ) -> Int32 {
        odm_print_warnings(options.isVerbose ? 1 : 0)
        do {
            return try work(Loader(options))
        } catch {
            Process.print("odmd-hooks: \(error)", toError: true)
            return error.exitStatus
        }
    }
}
