import Testing

@testable import Programs

@Suite struct ElfProgramTests {
    private static func read(_ octets: [UInt8]) throws(ElfError) -> ElfProgram {
        try ElfProgram { offset, count in Array(octets.dropFirst(Int(clamping: offset)).prefix(count)) }
    }

    private static let dynamic = {
        var file = ElfFixture()
        file.add(interpreter: ElfFixture.interpreter)
        return file
    }()

    private static func changed(_ place: Int, _ octets: UInt8...) -> [UInt8] {
        var file = dynamic.octets
        file.replaceSubrange(place..<place + octets.count, with: octets)
        return file
    }

    @Test(arguments: [true, false]) func aProgramNamesItsLinker(isLittleEndian: Bool) throws {
        var file = ElfFixture(isLittleEndian: isLittleEndian)
        file.add(notes: file.note("GNU", type: 3))
        file.add(interpreter: ElfFixture.interpreter)
        let program = try Self.read(file.octets)
        #expect(program.interpreter == ElfFixture.interpreter && !program.isGo)
        let kind = ElfKind(isWide: true, isLittleEndian: isLittleEndian, machine: 62)
        #expect(try ElfKind(file.octets) == kind)
    }

    @Test func aStaticOneHasNone() throws {
        var file = ElfFixture(type: 2)
        file.add(notes: file.note("GNU", type: 4))
        let program = try Self.read(file.octets)
        #expect(program.interpreter == nil && !program.isGo)
    }

    @Test(arguments: [true, false]) func goHasANoteAnywhere(isLittleEndian: Bool) throws {
        var file = ElfFixture(isLittleEndian: isLittleEndian)
        file.add(notes: file.note("GNU", type: 1, contents: [1, 2, 3, 4, 5]))
        file.add(
            notes: file.note("GNU", type: 4) + file.note("Go\0", type: 4, contents: Array("abc/def".utf8)))
        #expect(try Self.read(file.octets).isGo)
    }

    @Test(arguments: [("Go\0", 3), ("GNU", 4), ("Go", 4), ("Gopher\0", 4)] as [(String, UInt32)])
    func otherNotesAreNotOfGo(owner: String, type: UInt32) throws {
        var file = ElfFixture()
        file.add(notes: file.note(owner, type: type))
        #expect(try !Self.read(file.octets).isGo)
    }

    /// As far as it makes sense: a broken note hides what is behind it, and is no reason to refuse the program.
    @Test func notesThatAreTooLongEndTheList() {
        let fixture = ElfFixture()
        let good = fixture.note("Go\0", type: 4)
        for place in [0, 4] {
            var bad = fixture.note("GNU", type: 1)
            bad.replaceSubrange(place..<place + 4, with: [255, 255, 255, 255])
            #expect(
                Array(ElfNotes(good + bad + good, isLittleEndian: true)).filter { $0.type == 4 }.count == 1)
        }
        #expect(Array(ElfNotes(Array(good.dropLast(8)), isLittleEndian: true)).count == 1)
        #expect(Array(ElfNotes(Array(good.prefix(11)), isLittleEndian: true)).isEmpty)
    }

    // MARK: What is refused

    @Test(
        arguments: [
            ([], .notElf), (Array("#!/bin/sh\n".utf8), .notElf), (changed(3, 0x47), .notElf),
            (Array(dynamic.octets.prefix(4)), .cutOff), (Array(dynamic.octets.prefix(63)), .cutOff),
            (changed(4, 0), .badIdentification), (changed(4, 3), .badIdentification),
            (changed(4, 1), .badIdentification),  // 32 bits
            (changed(5, 0), .badIdentification), (changed(6, 2), .badIdentification),
            (changed(16, 1), .notExecutable), (changed(16, 4), .notExecutable),
            (changed(54, 32), .badProgramHeaders),  // size of each
            (changed(56, 0, 0), .badProgramHeaders), (changed(56, 0xFF, 0xFF), .badProgramHeaders),
            (changed(56, 0x93, 4), .badProgramHeaders),  // one more than 64 KiB hold
            (changed(56, 0x92, 4), .cutOff), (changed(32, 0xFF, 0xFF), .cutOff),
            (changed(32, 255, 255, 255, 255, 255, 255, 255, 255), .cutOff),
            (Array(dynamic.octets.dropLast()), .cutOff),
            (changed(64 + 8, 255, 255, 255, 255, 255, 255, 255, 127), .cutOff),
            (changed(64 + 32, 0), .badInterpreter), (changed(64 + 32, 1), .badInterpreter),
            (changed(64 + 32, 1, 0x10), .badInterpreter),  // more than PATH_MAX
            (changed(64 + 32, 5), .badInterpreter),  // no NUL at its end
            (changed(120, 0), .badInterpreter),
        ] as [([UInt8], ElfError)])
    func whatMakesNoSenseIsRefused(octets: [UInt8], error: ElfError) {
        #expect(throws: error) { try Self.read(octets) }
    }

    @Test func everyBeginningOfAProgramIsRefused() {
        let octets = Self.dynamic.octets
        for count in octets.indices {
            #expect(throws: ElfError.self) { try Self.read(Array(octets.prefix(count))) }
        }
    }

    @Test func itIsTheFirstLinkerThatCounts() throws {
        var file = Self.dynamic
        file.add(interpreter: "/other")
        #expect(try Self.read(file.octets).interpreter == ElfFixture.interpreter)
    }
}
