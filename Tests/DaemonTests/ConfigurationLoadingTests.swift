import EventLoop
import Mobility
import Testing

@testable import Daemon

@Suite("Loading the configuration")
struct ConfigurationLoadingTests {
    private let directory: TemporaryDirectory
    private var path: String { "\(directory.path)/odmd.conf" }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func load(isDefaultPath: Bool = false) throws(ConfigurationErrors) -> DaemonConfiguration {
        try DaemonConfiguration.load(path: path, isDefaultPath: isDefaultPath).configuration
    }

    /// The errors, without the directory in front of them.
    private func problems(isDefaultPath: Bool = false) -> [String] {
        do {
            _ = try load(isDefaultPath: isDefaultPath)
            return []
        } catch {
            return error.lines.map { String($0.dropFirst(directory.path.count + 1)) }
        }
    }

    @Test func missingFileIsTheDefaultOnlyIfNobodyNamedIt() throws {
        #expect(try load(isDefaultPath: true) == .withoutFiles)
        #expect(problems() == ["odmd.conf: there is no such file; create it, or name another"])
    }

    @Test func dropInsAreReadInTheOrderOfTheirNames() throws {
        try directory.write("odmd.conf", "[Daemon]\nLogLevel=debug\nAdminGroup=a\nRequestTimeoutSec=1")
        try directory.write("odmd.conf.d/10-first.conf", "[Daemon]\nAdminGroup=b\nRequestTimeoutSec=2")
        try directory.write("odmd.conf.d/20-second.conf", "[Daemon]\nRequestTimeoutSec=3")
        try directory.write("odmd.conf.d/30-ignored.txt", "nonsense")
        try directory.write("odmd.conf.d/.hidden.conf", "nonsense")
        let loaded = try load()
        #expect(loaded.logLevel == .debug)
        #expect(loaded.adminGroup == "b")
        #expect(loaded.mobility.requestTimeout == .seconds(3))
    }

    @Test func dropInsAreReadWithoutAMainFile() throws {
        try directory.write("odmd.conf.d/10.conf", "[Daemon]\nAdminGroup=b")
        #expect(try load(isDefaultPath: true).adminGroup == "b")
    }

    /// Packages' drop-ins are among the others by name; the administrator's of the same name are read instead.
    @Test func dropInsOfPackages() throws {
        try directory.write("odmd.conf", "[Daemon]\nAdminGroup=main")
        try directory.write("usr/10-a.conf", "[Daemon]\nAdminGroup=package\nRequestTimeoutSec=1")
        try directory.write("usr/20-masked.conf", "nonsense")
        try directory.write("usr/30-b.conf", "[Daemon]\nRequestTimeoutSec=3\nLogLevel=debug")
        try directory.write("odmd.conf.d/20-masked.conf", "")
        try directory.write("odmd.conf.d/25-own.conf", "[Daemon]\nRequestTimeoutSec=2")
        try directory.write("odmd.conf.d/30-b.conf", "[Daemon]\nLogLevel=error")
        let loaded = try DaemonConfiguration.load(
            path: path, isDefaultPath: false, vendorDropIns: "\(directory.path)/usr")
        #expect(loaded.configuration.adminGroup == "package")
        #expect(loaded.configuration.mobility.requestTimeout == .seconds(2))
        #expect(loaded.configuration.logLevel == .error)
        let timeout = loaded.settings.first { $0.key == "RequestTimeoutSec" }
        #expect(timeout?.location?.description == "\(directory.path)/odmd.conf.d/25-own.conf:2")
    }

    @Test func everyFileIsReportedOn() throws {
        try directory.write("odmd.conf", "[Daemon]\nA=1")
        try directory.write("odmd.conf.d/10.conf", "[Daemon]\nB=1")
        #expect(problems().map { $0.prefix { $0 != " " } } == ["odmd.conf:2:", "odmd.conf.d/10.conf:2:"])
    }

    @Test func fileOfOneMebibyteIsReadAndALargerOneIsNot() throws {
        let comment = [UInt8(ascii: "#")] + [UInt8](repeating: UInt8(ascii: "x"), count: (1 << 20) - 1)
        try directory.write("odmd.conf", comment)
        #expect(try load() == .withoutFiles)
        try directory.write("odmd.conf", comment + [UInt8(ascii: "x")])
        #expect(problems() == ["odmd.conf: too large; at most 1 MiB are read"])
    }

    @Test func directoryInPlaceOfTheFileIsRefused() throws {
        try directory.write("odmd.conf/file", "")
        #expect(problems() == ["odmd.conf: cannot be read: Is a directory"])
        #expect(problems(isDefaultPath: true) == ["odmd.conf: cannot be read: Is a directory"])
    }

    @Test func fileInPlaceOfTheDropInsIsRefused() throws {
        try directory.write("odmd.conf", "")
        try directory.write("odmd.conf.d", "")
        #expect(problems() == ["odmd.conf.d: cannot be read: Not a directory"])
    }

    @Test func tooManyDropInsAreRefused() throws {
        try directory.write("odmd.conf", "")
        for number in 0...DaemonConfiguration.dropInLimit {
            try directory.write("odmd.conf.d/\(number).conf", "")
        }
        #expect(problems() == ["odmd.conf.d: 257 files; put at most 256 there"])
    }

    @Test func checkSaysOneLineOfAGoodConfiguration() throws {
        try directory.write("odmd.conf", "[Source a]\nKind=static\nTypes=fixed\nPrefix=2001:db8::/64\n")
        let check = ConfigurationCheck(path: path, isDefaultPath: false)
        #expect(check.text == "\(path) is good: 1 static source with 1 prefix")
        #expect(check.isGood)
    }

    @Test func checkSaysWhatThereIsWithoutASource() throws {
        let check = ConfigurationCheck(path: path, isDefaultPath: true)
        #expect(check.text == "\(path) is good: no source but what routers advertise on every interface")
        #expect(check.isGood)
    }

    @Test func checkListsTheMistakesOfABadOne() throws {
        try directory.write("odmd.conf", "[Source a]\n[Daemon]\nA=1\n")
        let check = ConfigurationCheck(path: path, isDefaultPath: false)
        #expect(check.text.split(separator: "\n").count == 2)
        #expect(!check.isGood)
    }
}
