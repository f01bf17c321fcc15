import EventLoop
import Mobility
import Testing

@testable import Daemon

@Suite struct RequestJournalTests {
    private let now = Instant(microseconds: 1)
    private let request = AddressRequest(
        id: RequestID(1), type: .sessionLasting,
        requester: Requester(cookie: 0x1a2b, transport: 6, user: 1000, process: 42))

    @Test func denialsAreInfoAndLimited() throws {
        let logged = try LoggedLines()
        let journal = RequestJournal(log: logged.log)
        for _ in 0..<1000 { journal.denial(.exhausted, of: request, rule: nil, at: now) }
        journal.denial(.noSource, of: request, rule: nil, at: now + RequestJournal.denialWindow)
        let line =
            "odmd: no session-lasting address for socket 1a2b (process 42, user 1000): every address of the sources is in use"
        #expect(
            logged.lines == Array(repeating: line, count: RequestJournal.mostDenials) + [
                "odmd: 990 more requests were refused, and are not listed",
                "odmd: no session-lasting address for socket 1a2b (process 42, user 1000): no source is configured for the type",
            ])
    }

    @Test func theRuleThatRefusedIsNamed() throws {
        let logged = try LoggedLines()
        RequestJournal(log: logged.log).denial(.denied(rule: 0), of: request, rule: "guests", at: now)
        #expect(
            logged.lines == [
                "odmd: no session-lasting address for socket 1a2b (process 42, user 1000): the policy denies it (rule guests)"
            ])
    }

    @Test func whatIsToldElsewhereIsForDebugging() throws {
        let logged = try LoggedLines()
        let journal = RequestJournal(log: logged.log)
        journal.denial(.timedOut, of: request, rule: nil, at: now)
        let administrator = AddressRequest(id: RequestID(2), type: .fixed, requester: nil)
        journal.denial(.exhausted, of: administrator, rule: nil, at: now)
        #expect(logged.lines == [])
        logged.log.level = .debug
        journal.denial(.timedOut, of: request, rule: nil, at: now)
        #expect(
            logged.lines == [
                "odmd: debug: no session-lasting address for socket 1a2b (process 42, user 1000): no answer in time"
            ])
    }

    @Test func grantsAreForDebugging() throws {
        let logged = try LoggedLines()
        let journal = RequestJournal(log: logged.log)
        #expect(!journal.writesGrants)
        logged.log.level = .debug
        #expect(journal.writesGrants)
        journal.grant(Grant(address: "2001:db8::1", type: .sessionLasting), to: request)
        let administrator = AddressRequest(id: RequestID(2), type: .fixed, requester: nil)
        journal.grant(Grant(address: "2001:db8::2", type: .fixed), to: administrator)
        #expect(
            logged.lines == [
                "odmd: debug: 2001:db8::1 (session-lasting) for socket 1a2b (process 42, user 1000)",
                "odmd: debug: 2001:db8::2 (fixed) for the administrator",
            ])
    }

    // MARK: Fields

    private func text(_ fields: [LogField]) -> [String] { fields.map { "\($0.name)=\($0.value)" } }

    @Test func fieldsOfARequest() {
        #expect(text(request.journalFields) == ["ODM_TYPE=session-lasting", "ODM_SOCKET=1a2b", "UID=1000"])
    }

    @Test func fieldsOfAMove() {
        let event = AddressEvent(
            .replaced, of: "2001:db8::1", type: .gracefulReplacement, replacement: "2001:db8:1::1")
        #expect(
            text(event.journalFields) == [
                "MESSAGE_ID=33ba9e0145224f63902304a37277d266", "ODM_TYPE=graceful-replacement",
                "ODM_ADDRESS=2001:db8::1", "ODM_CHANGE=replaced", "ODM_REPLACEMENT=2001:db8:1::1",
            ])
    }

    @Test func fieldsOfLosses() {
        let loss = "MESSAGE_ID=ffa2c16d45ff4c86b0b6a0e70fd59003"
        let event = AddressEvent(.removed, of: "2001:db8::1", type: .nonPersistent)
        #expect(text(event.journalFields).first == loss)
        #expect(
            text(Report.lostToNeighbour("2001:db8::1").journalFields) == [loss, "ODM_ADDRESS=2001:db8::1"])
        #expect(text(Report.letGo("2001:db8::1").journalFields) == ["ODM_ADDRESS=2001:db8::1"])
    }

    @Test func messageIDsAreThoseOfTheDocumentation() throws {
        let page = try documentation("docs/logging.md")
        for id in MessageID.allCases {
            #expect(id.rawValue.wholeMatch(of: /[0-9a-f]{32}/) != nil)
            #expect(page.contains("`\(id.rawValue)`"), "\(id)")
        }
        #expect(Set(MessageID.allCases.map(\.rawValue)).count == MessageID.allCases.count)
    }
}
