import FuzzCorpus
import Programs
import Testing

/// What fuzzing begins with.
@Suite struct ProgramCorpusTests {
    static let corpus = FuzzCorpus("corpus")

    @Test func theCorpusIsThere() { #expect(Self.corpus.names.count >= 20) }

    /// The first line of each file says what it is.
    @Test(arguments: corpus.names) func isWhatTheCorpusSays(name: String) throws {
        let (outcome, octets) = try Self.corpus.read(name)
        #expect(Self.outcome(octets) == outcome)
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
