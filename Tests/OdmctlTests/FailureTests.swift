import Posix
import Testing

@testable import odmctl

@Suite struct FailureTests {
    private func failure(of message: String) -> Failure? {
        do throws(Failure) {
            _ = try SuccessReply(message: Array(message.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        (
            #"{"error":"org.odmd.Manager.PermissionDenied"}"#,
            "not permitted: this needs root or a member of the group odm, or of the one that AdminGroup= names",
            77
        ),
        (
            #"{"error":"org.odmd.Manager.RequestRefused","parameters":{"reason":"timed_out","errno":110}}"#,
            "the network did not answer in time", 75
        ),
        (
            #"{"error":"org.odmd.Manager.RequestRefused","parameters":{"reason":"exhausted","errno":99}}"#,
            "every address of the sources is in use", 75
        ),
        (
            #"{"error":"org.odmd.Manager.RequestRefused","parameters":{"reason":"no_source","errno":95}}"#,
            "no source is configured for this type", 78
        ),
        (
            #"{"error":"org.odmd.Manager.RequestRefused","parameters":{"reason":"kernel","errno":1}}"#,
            "the system refused the address: Operation not permitted", 71
        ),
        (
            #"{"error":"org.odmd.Manager.AddressNotFound","parameters":{"address":"2001:db8::1"}}"#,
            "odmd has no such address", 65
        ),
        (
            #"{"error":"org.odmd.Manager.ConfigurationInvalid","parameters":{"errors":["a:1: x","b:2: y"]}}"#,
            "a:1: x\nb:2: y\nthe configuration was not changed", 78
        ),
        (
            #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"address"}}"#,
            "not an IPv6 address", 64
        ),
        (
            #"{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"org.odmd.Manager.X"}}"#,
            "odmd answered something unexpected: it does not know org.odmd.Manager.X", 70
        ),
        (#"{"error":"com.example.Odd"}"#, "odmd answered something unexpected: com.example.Odd", 70),
    ])
    func errorReplies(message: String, text: String, exitCode: Int32) {
        #expect(failure(of: message) == Failure(text, exitCode))
    }

    @Test(arguments: ["", "x", "[]", #"{"error":1}"#])
    func noReplyIsASurprise(message: String) {
        #expect(failure(of: message)?.exitCode == 70)
    }

    @Test func nobodyThere() {
        do throws(Failure) {
            _ = try DaemonConnection(path: "/nonexistent/admin")
            Issue.record("connected to nothing")
        } catch {
            #expect(
                error.message
                    == "odmd is not running: no socket at /nonexistent/admin (start it: systemctl start odmd)"
            )
            #expect(error.exitCode == 69)
        }
    }

    @Test(arguments: [
        (false, "odmctl: one\nodmctl: two"),
        (true, "\u{1B}[1;31modmctl:\u{1B}[m one\n\u{1B}[1;31modmctl:\u{1B}[m two"),
    ])
    func theNameOfTheProgramStandsBeforeEachLine(hasColours: Bool, text: String) {
        #expect(Failure("one\ntwo", 70).text(hasColours: hasColours) == text)
    }

    @Test func onlyAnAbsentDaemonMayComeBack() {
        #expect(Failure.hungUp.mayPass && Failure.ended.mayPass)
        #expect(!Failure.surprise("x").mayPass && !Failure("x", ExitStatus.permissionDenied).mayPass)
    }
}
