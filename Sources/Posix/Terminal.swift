import CLibc

/// Where a program's output goes.
public enum Terminal {
    /// Whether a person may be looking at standard output.
    public static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }

    /// The width of the terminal at standard output, in characters: COLUMNS, which a person can set, or what
    /// the terminal says; nil if there is none of both.
    public static var columns: Int? {
        if let text = Environment.value(of: "COLUMNS"), let columns = Int(text), columns > 0 {
            return columns
        }
        let columns = odm_terminal_columns(STDOUT_FILENO)
        return columns > 0 ? Int(columns) : nil
    }
}
