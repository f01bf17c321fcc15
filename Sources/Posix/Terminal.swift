import CLibc

/// Where a program's output goes.
public enum Terminal {
    /// Whether a person may be looking at standard output.
    public static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether a person may be looking at standard error.
    public static var isErrorOutput: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether a terminal of this kind, the value of TERM, knows no control sequences; so does one of no kind.
    public static func isSimple(_ kind: String?) -> Bool { kind == nil || kind == "dumb" }

    /// The width of the terminal at standard output, in characters: COLUMNS, which a person can set, or what
    /// the terminal says; nil if there is none of both.
    public static var columns: Int? { chosen("COLUMNS") ?? told(\.ws_col) }

    /// The height of the terminal at standard output, in lines: LINES or what the terminal says, as `columns`.
    public static var lines: Int? { chosen("LINES") ?? told(\.ws_row) }

    private static func chosen(_ variable: String) -> Int? {
        Environment.value(of: variable).flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
    }

    private static func told(_ measure: KeyPath<winsize, UInt16>) -> Int? {
        let size = odm_terminal_size(STDOUT_FILENO)[keyPath: measure]
        return size > 0 ? Int(size) : nil
    }
}
