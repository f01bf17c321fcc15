import Programs

enum ProgramTarget {
    /// The file of a program may say anything; what is believed can be gone on with.
    static func read(_ octets: Span<UInt8>) {
        let file = (0..<octets.count).map { octets[$0] }
        if let line = ScriptLine(file) {
            precondition(!line.interpreter.isEmpty && line.argument != "", "there is one, or none")
            precondition(line.nameForEnv != "", "a name is one")
        }
        guard
            let program = try? ElfProgram({ offset, count in
                precondition(count <= 1 << 16, "what is read at a time has a bound")
                return Array(file.dropFirst(Int(clamping: offset)).prefix(count))
            })
        else { return }
        precondition(try! ElfKind(file).isWide, "it has a kind")
        if let path = program.interpreter {
            precondition(!path.isEmpty && path.utf8.count < 3 * 4096 && !path.contains("\0"), "a path is one")
        }
    }
}
