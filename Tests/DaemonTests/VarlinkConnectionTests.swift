import Testing

@testable import Daemon

@Suite struct VarlinkConnectionTests {
    var connection = VarlinkConnection()

    private func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Takes everything that waits to be sent.
    private mutating func drain() -> String {
        var text = ""
        while case .sending = connection.activity {
            let (octets, offset) = connection.unsent
            text += String(decoding: octets[offset...], as: UTF8.self)
            connection.didSend(octets.count - offset)
        }
        return text
    }

    // MARK: Framing

    @Test mutating func aMessageMayComeInAnyTwoParts() throws {
        let message = octets(#"{"method":"a.B"}"# + "\0")
        for cut in 1..<message.count {
            connection = VarlinkConnection()
            connection.receive(Array(message[..<cut]))
            #expect(try connection.nextCall() == nil)
            #expect(connection.activity == .receiving(0))
            connection.receive(Array(message[cut...]))
            #expect(try connection.nextCall()?.method == "a.B")
            #expect(connection.activity == .serving)
        }
    }

    @Test mutating func aMessageWithoutNulIsNoCall() throws {
        connection.receive(octets(#"{"method":"a.B"}"#))
        connection.endInput()
        #expect(try connection.nextCall() == nil)
        #expect(connection.activity == .ended)
    }

    @Test mutating func callsAreAnsweredInOrder() throws {
        connection.receive(octets(#"{"method":"a.1"}"# + "\0" + #"{"method":"a.2"}"# + "\0" + #"{"met"#))
        #expect(try connection.nextCall()?.method == "a.1")
        #expect(try connection.nextCall() == nil, "the first is not answered")
        connection.reply(VarlinkReply())
        #expect(try connection.nextCall() == nil, "the answer is not sent")
        #expect(drain() == #"{"parameters":{}}"# + "\0")
        #expect(try connection.nextCall()?.method == "a.2")
        connection.reply(VarlinkReply(["n": 2]))
        #expect(drain() == #"{"parameters":{"n":2}}"# + "\0")
        #expect(try connection.nextCall() == nil)
        #expect(connection.activity == .receiving(2))
        connection.receive(octets(#"hod":"a.3"}"# + "\0"))
        #expect(try connection.nextCall()?.method == "a.3")
    }

    @Test mutating func onewayCallsAreNotWaitedFor() throws {
        connection.receive(octets(#"{"method":"a.1","oneway":true}"# + "\0" + #"{"method":"a.2"}"# + "\0"))
        #expect(try connection.nextCall()?.isOneway == true)
        #expect(try connection.nextCall()?.method == "a.2")
    }

    @Test mutating func halfClosedClientsAreAnswered() throws {
        connection.receive(octets(#"{"method":"a.1"}"# + "\0" + #"{"method":"a.2"}"# + "\0"))
        connection.endInput()
        for method in ["a.1", "a.2"] {
            #expect(connection.activity != .ended)
            #expect(try connection.nextCall()?.method == method)
            connection.reply(VarlinkReply())
            #expect(drain() == #"{"parameters":{}}"# + "\0")
        }
        #expect(connection.activity == .ended)
    }

    // MARK: Events

    /// A call was taken and is answered by events.
    private mutating func monitor() throws {
        connection.receive(octets(#"{"method":"a.1","more":true}"# + "\0" + #"{"method":"a.2"}"# + "\0"))
        #expect(try connection.nextCall()?.wantsMore == true)
        connection.reply(.events)
    }

    @Test mutating func eventsComeAsLongAsTheConnection() throws {
        #expect(!connection.isMonitoring)
        try monitor()
        #expect(connection.isMonitoring)
        #expect(connection.activity == .serving)
        for text in ["first", "second"] {
            try connection.tell(octets(text))
            #expect(drain() == text)
            #expect(connection.activity == .serving)
            #expect(try connection.nextCall() == nil, "the call before has no end")
        }
    }

    @Test mutating func eventsQueueWhileTheClientIsSlow() throws {
        try monitor()
        try connection.tell(octets("first"))
        let activity = connection.activity
        connection.didSend(3)
        try connection.tell(octets("second"))
        #expect(connection.activity == activity, "the client's time goes on")
        #expect(drain() == "stsecond")
        try connection.tell(octets("third"))
        #expect(connection.activity != activity, "it has done something")
        #expect(drain() == "third")
    }

    @Test mutating func aBacklogHasAnEnd() throws {
        try monitor()
        let message = [UInt8](repeating: 0x20, count: VarlinkConnection.longestBacklog / 4)
        for _ in 0..<4 { try connection.tell(message) }
        #expect(throws: VarlinkConnection.Violation.doesNotRead) { try connection.tell([0]) }
        connection.didSend(1)
        try connection.tell([0])
    }

    // MARK: Limits

    @Test mutating func theLongestCall() throws {
        let call = #"{"method":"a.B"}"#
        let padding = String(repeating: " ", count: VarlinkConnection.longestCall - call.utf8.count)
        connection.receive(octets(call + padding + "\0"))
        #expect(try connection.nextCall()?.method == "a.B")
    }

    @Test mutating func aLongerCallIsNotWaitedFor() throws {
        connection.receive([UInt8](repeating: 0x20, count: VarlinkConnection.longestCall))
        #expect(try connection.nextCall() == nil)
        connection.receive([0x20])
        #expect(throws: VarlinkConnection.Violation.tooLong) { try connection.nextCall() }
    }

    @Test mutating func aLongCallInOneReadIsRefusedToo() throws {
        connection.receive([UInt8](repeating: 0x20, count: VarlinkConnection.longestCall + 1) + [0])
        #expect(throws: VarlinkConnection.Violation.tooLong) { try connection.nextCall() }
    }

    // MARK: Garbage

    static let garbage: [[UInt8]] =
        [
            "", " ", "x", "{", "}", "[]", "null", "1", "\"a.B\"", "{}", #"{"method":null}"#, #"{"method":1}"#,
            #"{"method":["a.B"]}"#, #"{"method":"a.B""#, #"{"method":"a.B"} {}"#,
            #"{"method":"a.B","oneway":1}"#,
            #"{"method":"a.B","more":"x"}"#, #"{"method":"a.B","upgrade":[]}"#, #"{"method":"\ud800"}"#,
            #"{"parameters":{}}"#, "GET / HTTP/1.1\r\n\r\n", String(repeating: "[", count: 16_000),
            String(repeating: #"{"a":"#, count: 3_000),
            #"{"method":"a.B","parameters":"# + String(repeating: "[", count: 8_000)
                + String(repeating: "]", count: 8_000) + "}",
        ].map { Array($0.utf8) } + [
            [0xff], [0x7b, 0x22, 0xff, 0x22, 0x7d],
            Array(#"{"method":""#.utf8) + [0xc3, 0x28] + Array(#""}"#.utf8),
        ]

    @Test(arguments: garbage)
    mutating func garbageEndsTheConnection(message: [UInt8]) {
        connection.receive(message + [0])
        #expect(throws: VarlinkConnection.Violation.notACall) { try connection.nextCall() }
    }

    @Test mutating func membersOfVendorsAreTolerated() throws {
        connection.receive(octets(#"{"method":"a.B","com.example":{"trace":[1]},"more":true}"# + "\0"))
        #expect(try connection.nextCall()?.method == "a.B")
    }

    // MARK: Replies in pieces

    @Test(arguments: [0, 1, 127, 128, 129, 1000])
    mutating func aListIsOneMessageWhateverItsPieces(count: Int) throws {
        connection.receive(octets(#"{"method":"a.B"}"# + "\0"))
        _ = try connection.nextCall()
        connection.reply(VarlinkReply(list: ListReply("rows", of: Array(0..<count)) { $0 }))
        let rows = (0..<count).map(String.init).joined(separator: ",")
        #expect(drain() == #"{"parameters":{"rows":["# + rows + "]}}\0")
        #expect(connection.activity == .idle)
    }

    @Test mutating func aPieceIsMadeWhenTheOneBeforeIsTaken() throws {
        var made = 0
        connection.receive(octets(#"{"method":"a.B"}"# + "\0"))
        _ = try connection.nextCall()
        connection.reply(
            VarlinkReply(
                list: ListReply("rows", of: Array(0..<1000)) { row in
                    made += 1
                    return row
                }))
        #expect(made == ListReply.rowsPerPiece)
        let piece = connection.unsent.octets.count
        connection.didSend(piece - 1)
        #expect(connection.activity == .sending(1))
        #expect(made == ListReply.rowsPerPiece)
        connection.didSend(1)
        #expect(connection.activity == .sending(2))
        #expect(made == 2 * ListReply.rowsPerPiece)
    }

    // MARK: Clients that go

    @Test mutating func aLostReplyIsUndone() throws {
        var undone = false
        var reply = VarlinkReply(["n": 1])
        reply.ifUndelivered = { undone = true }
        connection.receive(octets(#"{"method":"a.B"}"# + "\0"))
        _ = try connection.nextCall()
        connection.reply(reply)
        connection.didSend(3)
        connection.abandon()?()
        #expect(undone)
    }

    @Test mutating func aSentReplyIsNotUndone() throws {
        var reply = VarlinkReply()
        reply.ifUndelivered = { Issue.record("undone") }
        connection.receive(octets(#"{"method":"a.B"}"# + "\0"))
        _ = try connection.nextCall()
        connection.reply(reply)
        _ = drain()
        connection.abandon()?()
    }
}
