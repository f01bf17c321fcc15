import Mobility

/// Says to the network what the rules want said, and reports what it answers.
final class NetworkExecutor {
    /// Who was asked for a prefix, until it has been given back.
    private var owners: [LeaseID: any PrefixSource] = [:]
    private var sources: [String: any PrefixSource] = [:]

    func perform(_ action: NetworkAction, for daemon: Daemon) {
        switch action {
        case .ask(let request):
            guard let source = sources[request.source] else {
                daemon.tell(.prefixRefused(request.id, .noSource))
                return
            }
            owners[request.id] = source
            source.ask(request)
        case .cancel(let id): owners.removeValue(forKey: id)?.cancel(id)
        case .giveBack(let id), .decline(let id): owners.removeValue(forKey: id)?.giveBack(id)
        case .solicitRouters: break
        }
    }
}
