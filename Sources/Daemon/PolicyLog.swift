import EventLoop
import Mobility

extension Daemon {
    /// Says whom the policy did not give what was asked for, and by which rule. Other refusals are the network's.
    func noteRefusal(of request: AddressRequest, _ refusal: Refusal) {
        guard let requester = request.requester, let reason = reason(for: refusal) else { return }
        let process = requester.process > 0 ? "process \(requester.process) " : ""
        log.info(
            "\(request.type) refused to \(process)of user \(requester.user): \(reason.text)",
            [
                LogField(name: "ODM_TYPE", value: request.type.description),
                LogField(name: "ODM_RULE", value: reason.rule),
                LogField(name: "UID", value: String(requester.user)),
            ])
    }

    private func reason(for refusal: Refusal) -> (text: String, rule: String)? {
        switch refusal {
        case .denied(let place):
            let name = rules.configuration.policy.rules[place].name
            return ("denied by rule \(name)", name)
        case .overQuota(let place):
            let name = rules.configuration.policy.rules[place].name
            return ("as much as rule \(name) allows a user is in use", name)
        case .tooManyNetworkRequests:
            return ("\(Rules.networkRequestsPerUser) requests of the user wait for the network already", "")
        default: return nil
        }
    }
}
