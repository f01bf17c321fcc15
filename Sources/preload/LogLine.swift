import CPreload
import Synchronization

/// What is said when there is no address: one line, and no other before the reason is another.
enum LogLine {
    static func tell(_ failure: Failure, _ wishes: Wishes) {
        guard isNew(failure) else { return }
        let format: StaticString =
            wishes.options.contains(.strict)
            ? "no %s address: %s; the call fails" : "no %s address: %s; goes on with another"
        unsafe odm_log(text(format), text(wishes.typeName), reason(failure))
    }

    private static func isNew(_ failure: Failure) -> Bool {
        let reason =
            UInt64(UInt32(bitPattern: failure.status)) << 32 | UInt64(UInt32(bitPattern: failure.errno))
        return unsafe sharedWord(ODM_WORD_LAST_REASON).pointee.exchange(reason, ordering: .relaxed) != reason
    }

    /// In words for what an administrator meets, else as the name of the errno.
    private static func reason(_ failure: Failure) -> UnsafePointer<CChar> {
        let words: StaticString? =
            switch (failure.status, failure.errno) {
            case (EAI_REQUIREDIPNOTSUPPORTED, ENOENT), (EAI_REQUIREDIPNOTSUPPORTED, ECONNREFUSED):
                "odmd is not running"
            case (EAI_REQUIREDIPNOTSUPPORTED, ENOTSUP): "odmd has no source for the type"
            case (EAI_REQUIREDIPFAILED, EACCES): "the policy denies it"
            case (EAI_REQUIREDIPFAILED, EDQUOT): "the policy grants no more"
            case (EAI_REQUIREDIPFAILED, ETIMEDOUT), (EAI_SYSTEM, EAGAIN):
                "the network has not answered in time"
            default: nil
            }
        if let words { return unsafe text(words) }
        return unsafe strerrorname_np(failure.errno) ?? text("an unknown errno")
    }

    private static func text(_ words: StaticString) -> UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(words.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
