import ArgumentParser
import Posix

/// Names of users, each looked up once: a list has many rows of few users.
struct UserNames {
    private var names: [UInt32: String] = [:]

    /// The name, or the number of a user without one.
    mutating func name(of user: UInt32) -> String {
        if let name = names[user] { return name }
        let name = Account.name(ofUser: user)
        names[user] = name
        return name
    }

    /// The number of the user that is meant by a name or a number.
    ///
    /// - Throws: `ValidationError` if there is no such user.
    static func number(_ text: String) throws -> UInt32 {
        guard let number = Account.user(named: text) ?? UInt32(text) else {
            throw ValidationError("there is no such user")
        }
        return number
    }
}
