import Posix

/// How one run of a helper program ended.
enum HelperEnding: Equatable {
    /// With what it wrote to standard output.
    case exited(status: Int32, answer: [UInt8])
    case killed(signal: Int32)
    /// Its time was over.
    case overdue
    /// It wrote more than there was room for; in octets.
    case tooTalkative(limit: Int)
    /// It never ran; why.
    case notStarted(String)
    /// It was cancelled before its turn came.
    case notAsked
    case unknown
}

/// What an ending means.
enum HelperVerdict: Equatable {
    case granted(HelperGrant)
    /// The program did what it was told to, and need not say more.
    case done
    /// The program will not; why.
    case refused(String)
    /// The program cannot now; why.
    case notNow(String)
    /// Something is wrong with the program, and it may have done anything; what.
    case failed(String)
    /// The program has done nothing; why.
    case notDone(String)

    init(_ ending: HelperEnding, of operation: HelperQuestion.Operation) {
        switch ending {
        case .exited(let status, let answer): self.init(exitStatus: status, answer, of: operation)
        case .killed(let signal): self = .failed("the helper was killed by \(SignalName.of(signal))")
        case .overdue: self = .failed("the helper did not answer in time")
        case .tooTalkative(let limit):
            self = .failed("the helper was ended because it wrote more than \(limit) octets")
        case .notStarted(let reason): self = .notDone("the helper cannot be started: \(reason)")
        case .notAsked: self = .notDone("the helper was not asked")
        case .unknown: self = .failed("the helper ended, and nobody knows how")
        }
    }

    private init(exitStatus: Int32, _ answer: [UInt8], of operation: HelperQuestion.Operation) {
        let reason = Self.reason(in: answer)
        switch exitStatus {
        case 0: self = operation == .release ? .done : Self.reading(answer)
        case ExitStatus.unavailable: self = .refused(reason ?? "the helper has no prefix of the type")
        case ExitStatus.temporaryFailure: self = .notNow(reason ?? "the helper has no prefix for now")
        default:
            let status = "the helper failed with exit status \(exitStatus)"
            self = .failed(reason.map { "\(status); \($0)" } ?? status)
        }
    }

    private static func reading(_ answer: [UInt8]) -> HelperVerdict {
        do {
            switch try HelperReply(line: answer) {
            case .granted(let grant): return .granted(grant)
            case .refused(let reason): return .refused(said(reason))
            }
        } catch {
            return .failed("the helper's answer \(error)")
        }
    }

    /// What a program says of its failure, if it does.
    private static func reason(in answer: [UInt8]) -> String? {
        guard case .refused(let reason)? = try? HelperReply(line: answer) else { return nil }
        return said(reason)
    }

    private static func said(_ reason: String) -> String { "the helper says: \(reason)" }
}
