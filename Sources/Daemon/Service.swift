import CLibc
import EventLoop
import Mobility
import NetworkSide
import Posix

/// The daemon with its sockets and signals, from start to stop.
final class Service {
    private let loop: EventLoop
    private let log: Log
    private let daemon: Daemon
    private let administrator: Administrator
    private let setsc: SetscServer
    private let administration: AdministrationServer
    private var signals: [SignalSource] = []

    /// Claims the sockets, and with them the right to be the only odmd here, before anything is changed.
    init(_ options: DaemonOptions, _ loaded: LoadedConfiguration, _ log: Log) throws {
        let configuration = loaded.configuration
        self.log = log
        var sockets = try ListeningSockets(
            passed: PassedSockets.take(), directory: options.socketDirectory)
        let descriptors = Process.raiseDescriptorLimit()
        for directory in [options.runtimeDirectory, options.socketDirectory] {
            try File.makeDirectory(directory, mode: 0o755)
        }
        let secret = try StateDirectory(path: options.stateDirectory).secret()
        loop = try EventLoop()
        let rules = Rules(
            configuration: configuration.mobility, secret: secret, randomKey: try Secret.random())
        let network = try NetworkExecutor(
            loop: loop, log: log,
            client: try ClientIdentifier.ofThisMachine(stateDirectory: options.stateDirectory),
            leases: LeaseDirectory(stateDirectory: options.stateDirectory, log: log))
        let namespace = try Descriptor.ownNamespaceCookie()
        let holders: any HolderSearch =
            if let path = options.holdersSocket {
                try DelegatedHolderSearch(path: path, on: loop, log: log)
            } else {
                OwnHolderSearch()
            }
        daemon = try Daemon(
            loop: loop, log: log, rules: rules,
            records: SocketRecords(path: "\(options.runtimeDirectory)/sockets", namespace: namespace),
            networks: NetworkRecords(
                runtimeDirectory: options.runtimeDirectory, namespace: namespace, log: log), network: network,
            hooks: HookWatch(loop: loop, log: log, directory: options.hooksDirectory, namespace: namespace),
            configuration: configuration, holders: holders)
        administrator = Administrator(daemon: daemon, options: options, loaded)
        setsc = try SetscServer(daemon: daemon, listener: sockets.takeSetsc(), descriptors: descriptors)
        administration = try AdministrationServer(
            listener: sockets.takeAdmin(), on: loop, log: log, delegate: administrator)
    }

    /// Serves until a signal says to stop.
    ///
    /// - Returns: the exit status.
    func run() throws -> Int32 {
        for signal in [SIGTERM, SIGINT] {
            signals.append(try loop.onSignal(signal) { [unowned self] in stop() })
        }
        signals.append(try loop.onSignal(SIGHUP) { [unowned self] in _ = administrator.reload() })
        // A log whose reader has gone is no reason to go too.
        signals.append(try loop.onSignal(SIGPIPE) {})
        try daemon.recover()
        _ = try loop.startWatchdog()
        daemon.onInitialSet { [unowned self] in
            Readiness.ready(status: administrator.statusLine)
            log.info("ready: \(administrator.statusLine)")
            Process.forgetText()
        }
        return try loop.run()
    }

    /// Addresses stay while sockets use them: a stop is no reason to break a session.
    private func stop() {
        Readiness.stopping()
        setsc.close()
        administration.close()
        daemon.stop()
        let count = daemon.rules.addressCount
        log.info("stopping; \(count == 1 ? "1 address stays" : "\(count) addresses stay")")
        loop.exit(EX_OK)
    }
}

extension Secret {
    /// A key that nobody has seen.
    static func random() throws(SystemError) -> Secret {
        let octets = try Process.randomOctets(16)
        let halves = [octets.prefix(8), octets.suffix(8)].map {
            $0.reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        }
        return Secret(high: halves[0], low: halves[1])
    }
}
