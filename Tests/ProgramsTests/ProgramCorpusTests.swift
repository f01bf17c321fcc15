import Posix
import Programs
import Testing

/// What fuzzing begins with.
@Suite struct ProgramCorpusTests {
    private static let corpus =
        String(#filePath.dropLast("/ProgramCorpusTests.swift".count)) + "/corpus"
    static let names = (try? File.names(in: corpus, endingIn: ".hex")) ?? []

    @Test func theCorpusIsThere() { #expect(Self.names.count >= 20) }

    /// The first line of each file says what it is.
    @Test(arguments: names) func isWhatTheCorpusSays(name: String) throws {
        let text = String(decoding: try File.read("\(Self.corpus)/\(name)", limit: 65_536), as: UTF8.self)
        let lines = text.split(separator: "\n")
        let digits = lines.flatMap { $0.prefix { $0 != "#" }.filter { $0 != " " } }
        let octets = stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(digits[$0..<$0 + 2]), radix: 16)!
        }
        #expect("# \(Self.outcome(octets))" == lines[0])
    }

    private static func outcome(_ octets: [UInt8]) -> String {
        if let line = ScriptLine(octets) {
            return line.nameForEnv.map { "run by env, which runs \($0)" } ?? "run by \(line.interpreter)"
        }
        do throws(ElfError) {
            let program = try ElfProgram { Array(octets.dropFirst(Int(clamping: $0)).prefix($1)) }
            let loading = program.interpreter.map { "loaded by \($0)" } ?? "static"
            return program.isGo ? "Go, \(loading)" : loading
        } catch {
            return error.description
        }
    }
}
