/// A reader of interface definitions (varlink.org, Interface Definition), as strict as their grammar.
struct VarlinkDefinition {
    /// Names and types of fields; an enumeration has names with empty types.
    typealias Fields = [(name: String, type: String)]

    struct SyntaxError: Error {
        var expected: String
        var rest: String
    }

    private(set) var name = ""
    private(set) var types: [String: Fields] = [:]
    private(set) var methods: [String: (input: Fields, output: Fields)] = [:]
    private(set) var errors: [String: Fields] = [:]

    private var rest: Substring

    init(_ text: String) throws {
        rest = text[...]
        try word("interface")
        name = try token("an interface name") {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-.".contains($0))
        }
        while try readMember() {}
    }

    private mutating func readMember() throws -> Bool {
        skipSpace()
        guard !rest.isEmpty else { return false }
        switch try token("a keyword", where: \.isLetter) {
        case "type": types[try memberName()] = try fields()
        case "error": errors[try memberName()] = try fields()
        case "method":
            let name = try memberName()
            let input = try fields()
            try word("->")
            methods[name] = (input, try fields())
        default: throw SyntaxError(expected: "type, method or error", rest: String(rest.prefix(40)))
        }
        return true
    }

    /// A struct or an enum in its parentheses.
    private mutating func fields() throws -> Fields {
        var fields: Fields = []
        try word("(")
        if take(")") { return fields }
        repeat {
            let name = try fieldName()
            fields.append((name, take(":") ? try type() : ""))
        } while take(",")
        try word(")")
        guard Set(fields.map(\.type.isEmpty)).count == 1 else {
            throw SyntaxError(expected: "all fields or all values", rest: String(rest.prefix(40)))
        }
        return fields
    }

    private mutating func type() throws -> String {
        if take("?") { return "?" + (try type()) }
        if take("[]") { return "[]" + (try type()) }
        if take("[string]") { return "[string]" + (try type()) }
        skipSpace()
        if rest.first?.isUppercase == true { return try memberName() }
        let name = try token("a type", where: \.isLetter)
        guard ["bool", "int", "float", "string", "object"].contains(name) else {
            throw SyntaxError(expected: "a type", rest: name)
        }
        return name
    }

    // MARK: Tokens

    private mutating func memberName() throws -> String {
        let name = try token("a member name") { $0.isASCII && ($0.isLetter || $0.isNumber) }
        guard name.first?.isUppercase == true else {
            throw SyntaxError(expected: "an upper-case name", rest: name)
        }
        return name
    }

    private mutating func fieldName() throws -> String {
        let name = try token("a field name") { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard name.first?.isLetter == true, name.last != "_", !name.contains("__") else {
            throw SyntaxError(expected: "a field name", rest: name)
        }
        return name
    }

    private mutating func token(_ what: String, where isPart: (Character) -> Bool) throws -> String {
        skipSpace()
        let token = rest.prefix(while: isPart)
        guard !token.isEmpty else { throw SyntaxError(expected: what, rest: String(rest.prefix(40))) }
        rest = rest.dropFirst(token.count)
        return String(token)
    }

    private mutating func word(_ word: String) throws {
        guard take(word) else { throw SyntaxError(expected: word, rest: String(rest.prefix(40))) }
    }

    private mutating func take(_ word: String) -> Bool {
        skipSpace()
        guard rest.hasPrefix(word) else { return false }
        rest = rest.dropFirst(word.count)
        return true
    }

    private mutating func skipSpace() {
        while let next = rest.first, next.isWhitespace || next == "#" {
            rest = next == "#" ? rest.drop { $0 != "\n" } : rest.dropFirst()
        }
    }
}
