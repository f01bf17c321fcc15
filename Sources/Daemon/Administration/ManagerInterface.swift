/// The descriptions of the interfaces that are served, as clients get them (varlink.org, Interface
/// Definition).
enum ManagerInterface {
    static let name = "org.odmd.Manager"
    static let serviceName = "org.varlink.service"

    /// The description of an interface, or nil if it is not served.
    static func description(of interface: String) -> String? {
        switch interface {
        case name: manager
        case serviceName: service
        default: nil
        }
    }

    static let manager = introduction + types + methods

    private static let introduction = """
        # Shows and changes the addresses that odmd makes for sockets (RFC 8653).
        #
        # Everybody may call the methods that show something. Those that change something need root or a
        # member of the group that AdminGroup= names.
        #
        # Continuity types are named as in the configuration: fixed, session-lasting, non-persistent,
        # graceful-replacement. Cookies are SO_COOKIE in hexadecimal, as ss -e shows them after sk:.
        interface org.odmd.Manager


        """

    private static let methods = """
        # How the daemon is. addresses, sockets and sources count what there is now; requests_granted and
        # requests_refused since the start. lost_event_overruns: how often the kernel had more to tell than
        # was read in time, so that everything was looked up again. log_level: up to which messages are logged
        # (error, warning, info, debug). hooks: whether those in the kernel are used (Hooks=). assignments:
        # control groups that have a type. networks: one for each uplink that sources use.
        method Status() -> (
          version: string,
          pid: int,
          uptime_seconds: int,
          configuration_path: string,
          addresses: int,
          sockets: int,
          sources: int,
          requests_granted: int,
          requests_refused: int,
          lost_event_overruns: int,
          log_level: string,
          hooks: bool,
          assignments: int,
          networks: []Network
        )

        # The numbers of the daemon since its start, as text in the format of OpenMetrics.
        method Metrics() -> (text: string)

        # Every address of odmd.
        method ListAddresses() -> (addresses: []Address)

        # Every socket that keeps an address.
        method ListSockets() -> (sockets: []Socket)

        # Every source of prefixes, in the order in which they are tried.
        method ListSources() -> (sources: []Source)

        # Every rule of the policy, in the order in which they are looked at.
        method ListRules() -> (rules: []Rule)

        # Every value of the configuration that is in force. Commands of helper programs are told to those only who
        # may change something.
        method GetConfiguration() -> (settings: []Setting)

        # Tells what setsc() would be answered now, and why, without doing it: asked by a process that is there; or
        # by a user, in groups and in a systemd unit, null for none; or, if all are null, by the caller. rule: the
        # one that decides. addresses and sockets: what the user has, as far as the rule counts it. address: unless
        # it is refused or the network would be asked. reason and errno: if it is refused. considered: the sources,
        # up to the one that the address is from.
        method Explain(
          type: string,
          on_net: ?bool,
          pid: ?int,
          user: ?int,
          groups: ?[]int,
          unit: ?string
        ) -> (
          user: int,
          groups: []int,
          unit: ?string,
          rule: Rule,
          addresses: ?int,
          sockets: ?int,
          outcome: Outcome,
          address: ?string,
          reason: ?RefusalReason,
          errno: ?int,
          considered: []Consideration
        )

        # Tells what becomes of addresses from now on: one reply for each event, until the client closes the
        # connection, which is of no other use any more. To be called with more. A client that does not read
        # what it is told is let go.
        method Monitor() -> (event: Event)

        # Makes an address of the type, or takes the one that is shared, and holds it until Release. With
        # on_net it is a new one from a new prefix (IPV6_REQUIRE_SRC_ON_NET). If the client goes before it
        # is told, the hold is given up, unless somebody else may rely on it. needs_free_bind: the address
        # is configured nowhere, so a socket needs IPV6_FREEBIND to bind to it.
        method Acquire(type: string, on_net: ?bool) -> (address: string, needs_free_bind: bool)

        # Gives back an address that is held, or gets rid of one that nobody uses. removed is false when
        # sockets use it: it then gets no new user and goes with the last of them.
        method Release(address: string) -> (removed: bool, sockets: int)

        # Does what Release does to every address. Counts those that are removed and those that sockets
        # still use.
        method ReleaseAll() -> (removed: int, leaving: int)

        # Has processes get addresses of a type without asking: those of a control group (a path as in
        # /proc/PID/cgroup) and of the groups below it, as far as these have no type of their own. null: none
        # any more. It ends with the control group. Only while hooks are used.
        method Assign(control_group: string, type: ?string) -> ()

        # Every control group that has a type.
        method ListAssignments() -> (assignments: []Assignment)

        # Reads the configuration again. When there is an error in it, the old one stays.
        method Reload() -> ()

        # Logs messages up to a level (error, warning, info, debug) until the configuration is read again, or
        # the daemon ends.
        method SetLogLevel(level: string) -> ()

        # The method needs root or the group that AdminGroup= names.
        error PermissionDenied ()

        # There is no address. errno is what setsc() would leave.
        error RequestRefused (reason: RefusalReason, errno: int)

        # There is no such process, or it may not be looked at.
        error ProcessNotFound (pid: int)

        # odmd has no such address.
        error AddressNotFound (address: string)

        # Hooks=no, or the programs are not loaded.
        error HooksNotUsed ()

        # There is no such control group.
        error ControlGroupNotFound (control_group: string)

        # What the kernel said.
        error AssignmentRefused (reason: string)

        # What is wrong, each error with file and line.
        error ConfigurationInvalid (errors: []string)

        """

    static let service = """
        # What every Varlink service tells of itself.
        interface org.varlink.service

        # Names the service and lists its interfaces.
        method GetInfo() -> (
          vendor: string,
          product: string,
          version: string,
          url: string,
          interfaces: []string
        )

        # Returns the definition of an interface.
        method GetInterfaceDescription(interface: string) -> (description: string)

        # The service does not have the interface.
        error InterfaceNotFound (interface: string)

        # The interface does not have the method.
        error MethodNotFound (method: string)

        # The interface has the method, but the service does not do what was asked.
        error MethodNotImplemented (method: string)

        # A parameter is missing, unknown or has a wrong value.
        error InvalidParameter (parameter: string)

        # The method has several replies, and was not called with more.
        error ExpectedMore ()

        """
}
