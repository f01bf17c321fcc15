import Testing

@testable import odmctl

@Suite struct SourceNameTests {
    private let names = ["home", "provider", "provider-2", "routers"]

    private func failure(_ text: String, among names: [String]) -> Failure? {
        do throws(Failure) {
            _ = try SourceName.resolved(text, among: names)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("home", "home"), ("h", "home"), ("provider", "provider"), ("provider-", "provider-2"),
    ])
    func aNameOrItsBeginning(text: String, name: String) throws {
        #expect(try SourceName.resolved(text, among: names) == name)
    }

    @Test(arguments: [
        ("pro", "several sources begin with 'pro': provider, provider-2"),
        ("hmoe", "there is no source 'hmoe'; did you mean 'home'?"),
        ("x", "there is no source 'x'; there are home, provider, provider-2, routers"),
    ])
    func theOthersAreSuggested(text: String, message: String) {
        #expect(failure(text, among: names) == Failure(message, 65))
    }

    @Test func atMostTenAreSuggested() {
        let many = (10..<22).map { "source-\($0)" }
        #expect(failure("x", among: many)?.message.hasSuffix("source-18, source-19 and 2 more") == true)
        #expect(failure("x", among: []) == Failure("there is no source 'x'; none is configured", 65))
    }
}
