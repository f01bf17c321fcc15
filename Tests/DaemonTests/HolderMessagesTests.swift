import Posix
import Testing

@testable import Daemon

@Suite("Questions for the holders of sockets, and answers") struct HolderMessagesTests {
    @Test func aQuestionFieldByField() throws {
        let sought = [
            SocketHolders.Sought(process: 0x0102_0304, inode: 0x0A0B_0C0D),
            SocketHolders.Sought(process: nil, inode: 1), SocketHolders.Sought(process: -1, inode: .max),
        ]
        let question = HolderQuestion(sought, isLast: true)
        #expect(
            question.octets == [
                1,  // the last look
                1, 2, 3, 4, 0x0A, 0x0B, 0x0C, 0x0D,  // a process and an inode
                0x80, 0, 0, 0, 0, 0, 0, 1,  // one that is gone
                0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,  // one that nobody knows
            ])
        #expect(HolderQuestion(question.octets) == question)
        #expect(HolderQuestion(sought, isLast: false).octets == [0] + question.octets.dropFirst())
    }

    @Test(arguments: [0, 1, 7, 8, 10, 8 * 4096 + 2, 8 * 4097 + 1]) func noQuestion(length: Int) {
        #expect(HolderQuestion([UInt8](repeating: 0, count: length)) == nil)
    }

    @Test func neitherTheLastNorAnother() {
        #expect(HolderQuestion([2] + [UInt8](repeating: 0, count: 8)) == nil)
    }

    @Test func theLongestQuestion() {
        #expect(HolderQuestion([UInt8](repeating: 0, count: HolderQuestion.longest))?.sought.count == 4096)
    }

    @Test func anAnswerFieldByField() {
        let answer = HolderAnswer(HolderSight(whereabouts: [.nowhere, .held, .hidden], mayBeOnItsWay: true))
        #expect(answer.octets == [0, 1, 2, 1])
        #expect(HolderAnswer(answer.octets, count: 3) == answer)
    }

    @Test(arguments: [[], [0], [0, 0, 0], [0, 2], [3, 0]] as [[UInt8]]) func noAnswerForOne(octets: [UInt8]) {
        #expect(HolderAnswer(octets, count: 1) == nil)
    }
}
