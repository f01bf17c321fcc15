extension ManagerInterface {
    /// The types of org.odmd.Manager.
    static let types = """
        # acquiring: a source was asked for a prefix. configuring: the kernel has not said yet that the
        # address can be bound. active: in use or held. lingering: without a user, removed when the time is
        # over. deprecated: the host has moved, and no new socket gets it. ended: it does not work any more,
        # and sockets that have it are not closed yet. removing: the kernel is being asked to forget it.
        type AddressState (acquiring, configuring, active, lingering, deprecated, ended, removing)

        # source is null when the configuration no longer has it. interface is where the address is configured,
        # null when it is only routed here; its name is null when the interface is gone. age_seconds: since it was
        # made, or taken over from an earlier run. held: by Acquire. initial: kept for everybody by Acquire=boot,
        # or for a control group that has the type.
        # owner_user or owner_socket (a cookie): whom it is reserved for; without both, everybody shares it.
        # linger_left_milliseconds is null unless the address lingers for a limited time, ends_in_milliseconds
        # unless it is deprecated and ends before its last socket is closed. replacement: what new sockets get
        # instead of a deprecated one, null when that is not known.
        type Address (
          address: string,
          type: string,
          state: AddressState,
          source: ?string,
          interface: ?string,
          interface_index: ?int,
          sockets: int,
          age_seconds: int,
          held: bool,
          initial: bool,
          owner_user: ?int,
          owner_socket: ?string,
          linger_left_milliseconds: ?int,
          ends_in_milliseconds: ?int,
          replacement: ?string
        )

        # transport is the number of the IP protocol, null when it is not known. user is a number. process
        # is the one that asked, null when that is not known: the socket was found in the kernel, say.
        type Socket (
          cookie: string,
          address: string,
          type: string,
          transport: ?int,
          user: int,
          process: ?int
        )

        # control_group is a path as in /proc/PID/cgroup.
        type Assignment (control_group: string, type: string)

        # loopback: addresses stand on lo. interface: on the interface. route: nowhere, one route makes the
        # whole prefix local.
        type Place (loopback, interface, route)

        # Who has the prefixes. static: the administrator, who had them routed here. ra: routers, who advertise
        # them. dhcpv6: servers, who are asked. helper: a program, which is asked.
        type SourceKind (static, ra, dhcpv6, helper)

        # types as configured; so are prefixes, which only static has. interface is the uplink of static and
        # helper, null when none is configured; interfaces are names and patterns of the uplinks of ra and
        # dhcpv6. addresses: how many there are from it now, in any state. available is false while the
        # interface is not there; of interfaces, while none that matches is there and has carrier.
        type Source (
          name: string,
          kind: SourceKind,
          types: []string,
          prefixes: []string,
          interface: ?string,
          interfaces: []string,
          place: Place,
          max_addresses: int,
          addresses: int,
          available: bool
        )

        type RuleAction (allow, deny)

        # A rule of the policy. types: those that it is about. It is for whoever is one of users, in one of groups
        # and in a systemd unit that matches one of units; null is for any. max_addresses and max_sockets: what a
        # user may have of these types at a time; null for any number. built_in: no administrator wrote it.
        type Rule (
          name: string,
          built_in: bool,
          types: []string,
          users: ?[]int,
          groups: ?[]int,
          units: ?[]string,
          action: RuleAction,
          max_addresses: ?int,
          max_sockets: ?int
        )

        # A value of the configuration that is in force. section: without the brackets. value: as it was written,
        # or as the default would be; null if it is not for everybody. file and line: where it is from, null for a
        # default. A key that is a list has a setting for each line.
        type Setting (
          section: string,
          key: string,
          value: ?string,
          file: ?string,
          line: ?int
        )

        # other_types: the source does not give the type. nothing: it gives nothing now. gives: it has the address.
        # asked: it would be asked.
        type Verdict (other_types, nothing, gives, asked)

        # What a source has for a request. interface: the uplink, null if there is no choice or none is there.
        # address: that it gives; reason: why it gives nothing.
        type Consideration (
          source: string,
          interface: ?string,
          verdict: Verdict,
          address: ?string,
          reason: ?RefusalReason
        )

        # refused: with a reason. shared: an address that is there. made: an address that would be made; most are
        # random, and the next may be another. asked: the network would be asked.
        type Outcome (refused, shared, made, asked)

        # denied: by a rule of the policy. over_quota: the user has as much as a rule allows.
        # too_many_network_requests: of the user wait for the network already. no_source: none is configured for the
        # type. exhausted: every prefix or address is in use. duplicate: a neighbour has each address that was
        # tried. no_network: the interface is not there. network_refused: whoever was asked has no prefix of the
        # type for us. too_many_addresses: for one socket. too_many_sockets: in all. socket_destroyed: before the
        # answer. timed_out: no answer within RequestTimeoutSec=. kernel: the kernel refused the address or its
        # routing, or there is no room for a record of the grant.
        type RefusalReason (
          denied,
          over_quota,
          too_many_network_requests,
          no_source,
          exhausted,
          duplicate,
          no_network,
          network_refused,
          too_many_addresses,
          too_many_sockets,
          socket_destroyed,
          timed_out,
          kernel
        )

        # The network that an uplink is on. router: the one that packets leave by, null if there is none.
        # prefixes: those that routers advertise. age_seconds: since the host came to this network, null while
        # it has none there, or is finding out which it is.
        type Network (
          interface: string,
          interface_index: int,
          router: ?string,
          prefixes: []string,
          age_seconds: ?int
        )

        # deprecated: no new socket gets the address. replaced: the same, and the replacement can be bound.
        # removed: it works no more. restored: what was deprecated is as good as before.
        type Change (deprecated, replaced, removed, restored)

        # What became of an address. replacement: what new sockets get instead, null if it is not known or
        # there is none. ends_in_milliseconds: until the address ends, null if it stays until its last socket
        # is closed. time: of the event, in milliseconds since 1970-01-01 00:00 UTC.
        type Event (
          change: Change,
          address: string,
          type: string,
          replacement: ?string,
          ends_in_milliseconds: ?int,
          time: int
        )


        """
}
