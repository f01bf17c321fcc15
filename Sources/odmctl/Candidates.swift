import ArgumentParser

/// What a shell offers for an argument: what odmd has. Nothing if it does not answer.
enum Candidates {
    static let addresses = CompletionKind.custom { words, index, _ in
        let addresses = (try? rows("ListAddresses", AddressesReply.self, words))?.map(\.address) ?? []
        return CompletionShell.requesting == .bash
            ? withoutWhatIsTyped(addresses, words, index) : addresses
    }

    static let sources = CompletionKind.custom { words, _, _ in
        (try? rows("ListSources", SourcesReply.self, words))?.map(\.name) ?? []
    }

    /// Who has sockets with an address.
    static let users = CompletionKind.custom { words, _, _ in
        var names = UserNames()
        let users = Set((try? rows("ListSockets", SocketsReply.self, words))?.map(\.user) ?? [])
        return users.map { names.name(of: $0) }.sorted()
    }

    /// Those that systemd has files of.
    static let services = CompletionKind.custom { _, _, _ in Systemd.services }

    private static func rows<Reply: ListReply>(
        _ method: String, _ type: Reply.Type, _ words: [String]
    ) throws(Failure) -> [Reply.Row] {
        try DaemonConnection(path: socket(in: words)).call(method).list(type).rows
    }

    /// What the command line has after --socket.
    static func socket(in words: [String]) -> String {
        guard let option = words.lastIndex(of: "--socket"), option + 1 < words.count else {
            return Options.usualSocket
        }
        return words[option + 1]
    }

    /// bash takes a colon for the end of a word, and each row of colons for a word, unless a backslash stands before
    /// it, as one does where bash completed. Of an address of which something is typed it wants the rest only.
    static func withoutWhatIsTyped(_ addresses: [String], _ words: [String], _ index: Int) -> [String] {
        guard words.indices.contains(index) else { return addresses }
        var start = index
        while start > 0, isColons(words[start]) || isColons(words[start - 1]) { start -= 1 }
        guard start < index else { return addresses }
        let last = words[index].filter { $0 != "\\" }
        let before = words[start..<index].joined().filter { $0 != "\\" }
        let kept = isColons(last) ? before + last : before
        return addresses.filter { $0.hasPrefix(before + last) }.map { String($0.dropFirst(kept.count)) }
    }

    private static func isColons(_ word: String) -> Bool { !word.isEmpty && word.allSatisfy { $0 == ":" } }
}
