import CLibc

/// Where the daemon listens: ODM_SOCKET, or /run/odm/setsc.
struct DaemonAddress {
    private(set) var address = sockaddr_un()
    private(set) var length: socklen_t = 0

    /// The address for this process, now. ODM_SOCKET counts for nothing in a program with raised privileges
    /// (secure_getenv), nor when it is empty.
    ///
    /// - Throws: ENAMETOOLONG if the path does not fit into a socket's address.
    static func current() throws(Failure) -> DaemonAddress {
        if let path = unsafe secure_getenv("ODM_SOCKET"), unsafe path.pointee != 0 {
            return try unsafe DaemonAddress(path: path, octets: strlen(path))
        }
        let path: StaticString = "/run/odm/setsc"
        return try unsafe DaemonAddress(path: path.utf8Start, octets: path.utf8CodeUnitCount)
    }

    private init(path: UnsafeRawPointer, octets: Int) throws(Failure) {
        address.sun_family = sa_family_t(AF_UNIX)
        guard octets < MemoryLayout.size(ofValue: address.sun_path) else { throw .notSupported(ENAMETOOLONG) }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
            _ = unsafe memcpy(field.baseAddress!, path, octets)
        }
        length = socklen_t(MemoryLayout<sa_family_t>.size + octets + 1)
    }
}
