import CBpf
import Posix

/// Where maps and links are pinned: `DIRECTORY/MAP` for the daemon, and `DIRECTORY/links/PROGRAM` for us.
struct HookDirectory {
    let path: String

    private var links: String { path + "/links" }
    func map(_ name: String) -> String { "\(path)/\(name)" }
    func link(_ program: String) -> String { "\(links)/\(program)" }

    /// - Throws: `noBpfFileSystem`. The directory itself need not be there, nor must its parent be its alone.
    func requireFileSystem() throws(LoaderError) {
        let place = File.isThere(path) ? path : parent
        guard unsafe odm_file_system(place) == odm_bpf_file_system() else {
            throw .noBpfFileSystem(path: place)
        }
    }

    private var parent: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Everybody may pass, who may open a map.
    func make() throws(LoaderError) {
        try make(path, mode: 0o711)
        try make(links, mode: 0o700)
    }

    private func make(_ directory: String, mode: mode_t) throws(LoaderError) {
        do { try File.makeDirectory(directory, mode: mode) } catch { throw .system(error) }
        guard unsafe chmod(directory, mode) == 0 else {
            throw .failure("chmod \(directory)", errno: odm_errno())
        }
    }

    /// Gives the maps to the user that the daemon runs as. Nobody else may use them: what is pinned has the mode 0600.
    func giveMaps(to user: UInt32) throws(LoaderError) {
        for name in HookObject.mapNames {
            let path = map(name)
            guard unsafe chown(path, user, gid_t.max) == 0 else {
                throw .failure("give \(path) to \(Account.name(ofUser: user))", errno: odm_errno())
            }
        }
    }

    /// The names of the programs that have a link.
    func linkedPrograms() throws(LoaderError) -> [String] {
        do { return try File.names(in: links, endingIn: "") } catch { throw .system(error) }
    }

    func remove(_ path: String) throws(LoaderError) {
        do { try File.remove(path) } catch { throw .system(error) }
    }

    /// Removes all that is ours: first what runs, then what it uses. Files of others stay, with their directory.
    func clear() throws(LoaderError) {
        for program in try linkedPrograms() { try remove(link(program)) }
        for name in HookObject.mapNames { try remove(map(name)) }
        for directory in [links, path] where unsafe rmdir(directory) != 0 {
            let errno = odm_errno()
            guard [ENOENT, ENOTEMPTY].contains(errno) else {
                throw .failure("remove \(directory)", errno: errno)
            }
        }
    }
}
