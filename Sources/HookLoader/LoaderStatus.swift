import Posix

/// What is loaded, for people to read.
struct LoaderStatus: CustomStringConvertible {
    let directory: String
    /// The identifier of the control group; 0 if it is gone.
    let controlGroup: UInt64
    let programs: [String]
    /// 0 if the programs are not to be used.
    let version: UInt32
    let assignments: UInt32
    let lost: UInt64

    var description: String {
        """
        Maps:          \(directory), version \(version)\(note)
        Control group: \(controlGroupName)
        Programs:      \(programs.isEmpty ? "none" : programs.joined(separator: ", "))
        Assignments:   \(assignments)
        Lost reports:  \(lost)
        """
    }

    /// Relative to the root of all, which is not found by searching in it.
    private var controlGroupName: String {
        guard controlGroup != 0 else { return "gone" }
        return ControlGroups().path(of: controlGroup) ?? "/"
    }

    private var note: String {
        let current = HookState.currentVersion
        return version == current ? "" : ", which is not this program's (\(current))"
    }
}
