/// What is asked for on the command line.
struct Options {
    var histories = 10_000
    var seed: UInt64 = 0
    var steps = 100
    var workers = 1

    static let usage = """
        usage: simulate [--histories N] [--seed S] [--steps N] [--workers N]

          --histories N  play this many, each from its own seed (10000)
          --seed S       the first seed (0); with --histories 1 everything that happens is shown
          --steps N      steps of a history, on average (100)
          --workers N    processors to use (1)
        """

    init() {}

    /// - Throws: what is wrong with the arguments.
    init(_ arguments: [String]) throws(Mistake) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let text = rest.popFirst() else { throw Mistake(text: "\(name) takes a number") }
            switch name {
            case "--histories": histories = try Self.count(name, text)
            case "--seed":
                guard let number = UInt64(text) else { throw Mistake(text: "\(name): not a seed: \(text)") }
                seed = number
            case "--steps": steps = try Self.count(name, text)
            case "--workers": workers = try Self.count(name, text)
            default: throw Mistake(text: "unknown option \(name)")
            }
        }
    }

    struct Mistake: Error {
        let text: String
    }

    private static func count(_ name: String, _ text: String) throws(Mistake) -> Int {
        guard let number = Int(text), (1...1_000_000_000).contains(number) else {
            throw Mistake(text: "\(name): not a number from 1 to 1000000000: \(text)")
        }
        return number
    }
}
