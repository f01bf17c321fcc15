import CLibc
import Testing

@testable import Posix

@Suite("Control groups and their units") struct ControlGroupsTests {
    @Test(arguments: [
        ("/system.slice/nginx.service", "nginx.service"),
        ("/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/firefox.service", "user@1000.service"),
        ("/user.slice/user-1000.slice/session-3.scope", "session-3.scope"),
        ("/init.scope", "init.scope"),
        ("/system.slice/nginx.service/sshd.service", "nginx.service"),
        ("/system.slice/_cpu.service", "cpu.service"),
        ("/dev-hugepages.mount", "dev-hugepages.mount"),
    ])
    func unitOf(path: String, unit: String) {
        #expect(UnitName.ofControlGroup(path) == unit)
    }

    @Test(arguments: [
        "", "/", "/system.slice", "/docker/4711", "/system.slice/.service", "/a.service.d/b.service",
    ])
    func noUnitIsIn(path: String) {
        #expect(UnitName.ofControlGroup(path) == nil)
    }

    @Test(arguments: [
        ("0::/system.slice/a.service\n", "/system.slice/a.service"),
        ("9:name=systemd:/\n1:cpu:/\n0::/a.service\n", "/a.service"),
        ("9:name=systemd:/b.service\n1:cpu:/\n0::/\n", "/b.service"),
        ("9:name=systemd:/b.service\n1:cpu:/\n", "/b.service"),
        ("0::/\n", "/"),
        ("0::/with:colons.service\n", "/with:colons.service"),
    ])
    func theGroupThatCounts(groups: String, path: String) {
        #expect(ControlGroups.path(in: groups) == path)
    }

    @Test(arguments: ["", "\n", "1:cpu:/\n", "nonsense"]) func noneOfThatCounts(groups: String) {
        #expect(ControlGroups.path(in: groups) == nil)
    }

    @Test func thisProcessIsInOne() throws {
        let handle = try ProcessHandle(of: getpid())
        do throws(SystemError) {
            let identifier = try handle.controlGroup()
            let group = try ControlGroups.path(ofProcess: getpid())
            let groups = ControlGroups()
            guard let found = groups.path(of: identifier) else {
                // The root of the hierarchy has no name, and where none is mounted there are no directories.
                #expect(
                    group == "/" || ControlGroups.mount == nil
                )
                return
            }
            #expect(found == group)
            #expect(groups.path(of: identifier) == found, "remembered")
        } catch {
            #expect(error.errno == ENOTTY, "before Linux 6.13")
        }
    }

    @Test func whatIsNotThereHasNoPath() {
        #expect(ControlGroups().path(of: .max) == nil)
        #expect(throws: SystemError.self) { () throws in _ = try ControlGroups.path(ofProcess: 1 << 30) }
    }
}
