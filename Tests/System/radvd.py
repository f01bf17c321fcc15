"""radvd, the router advertisement daemon, on the access router."""

from dataclasses import dataclass

from server_program import ServerProgram

LIFETIME_SECONDS = 600


@dataclass(frozen=True)
class Advertised:
    """A prefix as radvd.conf(5) describes it."""

    prefix: str
    on_link: bool = True
    autonomous: bool = True
    valid: int = LIFETIME_SECONDS
    preferred: int = LIFETIME_SECONDS

    def __str__(self):
        return f"""prefix {self.prefix} {{
            AdvOnLink {_switch(self.on_link)}; AdvAutonomous {_switch(self.autonomous)};
            AdvValidLifetime {self.valid}; AdvPreferredLifetime {self.preferred};
        }};"""


class Radvd(ServerProgram):
    """Advertises on the access link. At a start and at a new configuration it does so at once, else every few minutes:
    what a test sees is its own doing."""

    program = "radvd"
    ready = "version 2"

    def __init__(self, namespace, directory, *prefixes, **options):
        super().__init__(namespace, directory)
        self.configure(*prefixes, **options)

    def configure(self, *prefixes, router_lifetime=LIFETIME_SECONDS, seconds_apart=(200, 600)):
        """Takes effect at a start or reload, at which it advertises, however soon after the last time: that is allowed
        for the sake of mobile nodes (RFC 6275, section 7.5)."""
        least, most = seconds_apart
        self._configuration_file.write_text(f"""interface mn0 {{
            AdvSendAdvert on; MinRtrAdvInterval {least}; MaxRtrAdvInterval {most};
            AdvDefaultLifetime {router_lifetime};
            AdvIntervalOpt on; MinDelayBetweenRAs 0.03;
            {" ".join(map(str, prefixes))}
        }};""")

    @property
    def _configuration_file(self):
        return self.directory / "radvd.conf"

    @property
    def arguments(self):
        return ["--nodaemon", "--logmethod", "stderr", "--debug", "1", "--config", str(self._configuration_file),
                "--pidfile", str(self.directory / "pid")]


def _switch(on):
    return "on" if on else "off"
