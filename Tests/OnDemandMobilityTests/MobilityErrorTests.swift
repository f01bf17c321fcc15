import CLibc
import Foundation
import OnDemandMobility
import Testing

struct MobilityErrorTests {
    @Test func itSaysWhatTheCLibrarySays() throws {
        let root = URL(filePath: #filePath).appending(path: "../../..").standardized
        let library = try String(
            contentsOf: root.appending(path: "Sources/odm/odm_strerror.swift"), encoding: .utf8)
        for status in [MobilityError.Status.notSupported, .failed, .system] {
            #expect(library.contains("text(\"\(status)\")"))
        }
        let cancelled = unsafe String(cString: gai_strerror(EAI_CANCELED))
        #expect("\(MobilityError.Status.cancelled)" == cancelled)
        #expect(
            "\(MobilityError(.notSupported, errno: ECONNREFUSED))"
                == "Addresses of this type are not supported here: Connection refused")
    }

    @Test func itsNumbersAreThoseOfTheHeaders() {
        #expect(MobilityError.Status.allCases.map(\.rawValue) == [-200, -201, EAI_SYSTEM, EAI_CANCELED])
    }

    @Test func whereTheDaemonIs() {
        #expect(MobilityClient(path: "/x").path == "/x")
        // Nothing else in this process reads the variable.
        unsafe setenv("ODM_SOCKET", "/somewhere", 1)
        #expect(MobilityClient().path == "/somewhere")
        unsafe setenv("ODM_SOCKET", "", 1)
        #expect(MobilityClient().path == "/run/odm/setsc")
        unsafe unsetenv("ODM_SOCKET")
        #expect(MobilityClient().path == "/run/odm/setsc")
    }
}
