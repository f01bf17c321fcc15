"""The daemon's numbers, read by the parser of another project."""

from prometheus_client.openmetrics.parser import text_string_to_metric_families


class Numbers:
    """What `odmctl metrics` prints, by name and labels."""

    def __init__(self, daemon):
        done = daemon.odmctl("metrics", user=65534)
        assert done.returncode == 0, done.stderr
        self.text = done.stdout
        self.families = {family.name: family for family in text_string_to_metric_families(self.text)}
        self.samples = {(sample.name, frozenset(sample.labels.items())): sample.value
                        for family in self.families.values() for sample in family.samples}

    def __call__(self, name, **labels):
        return self.samples[name, frozenset(labels.items())]

    def all(self, name):
        """The samples of a name that are not 0."""
        return {labels: value for (sample, labels), value in self.samples.items() if sample == name and value}


def labels(**pairs):
    return frozenset(pairs.items())
