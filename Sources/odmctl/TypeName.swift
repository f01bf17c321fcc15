import ArgumentParser

/// The continuity types of RFC 8653, by the names that the interface uses.
enum TypeName: String, CaseIterable, ExpressibleByArgument {
    case fixed
    case sessionLasting = "session-lasting"
    case nonPersistent = "non-persistent"
    case gracefulReplacement = "graceful-replacement"
}
