"""What the parts of a rehearsal cost, by its report: the deploys and the suites of its states, and the rest."""

from dataclasses import dataclass
from typing import Dict

# A deploy is done when its release answers.
OF_DEPLOY = ("deploy", "ready")
OF_SUITE = ("suite",)


@dataclass
class Parts:
    wall: float
    deploys: Dict[str, float]  # seconds by state
    suites: Dict[str, float]  # seconds by state, the visitor's script included
    steps: float  # of the deploys, what the app's own steps took
    others: Dict[str, float]  # seconds of all other phases by name, and of what comes before a deploy over another release

    @property
    def own(self) -> float:
        """Seconds that are neither of a deploy nor of a suite."""
        return self.wall - sum(self.deploys.values()) - sum(self.suites.values())

    @property
    def rest(self) -> Dict[str, float]:
        """What these were spent on."""
        return {**self.others, "all else": self.own - sum(self.others.values())}


def parts_of(report: dict, wall: float) -> Parts:
    """The parts of a run of one site, which took so many seconds from the start of the command to its end.

    A release that is installed on an empty site has one state.
    """
    [site] = report["sites"]
    # What was found in the last state is the site's own.
    *earlier, last = site.get("states") or [{"name": "new"}]
    states = {state["name"]: state for state in earlier}
    states[last["name"]] = site
    parts = Parts(wall, {}, {}, 0.0, {})
    phases = [(phase["at"], name, phase) for name, state in states.items() for phase in state["phases"]]
    end = 0.0
    for at, state, phase in sorted(phases, key=lambda one: one[0]):
        name, seconds = phase["name"], phase["seconds"]
        if name in OF_DEPLOY:
            add(parts.deploys, state, seconds)
        elif name in OF_SUITE:
            add(parts.suites, state, seconds)
        else:
            add(parts.others, name, seconds)
        if name == "deploy":
            add(parts.others, "before a deploy", max(0.0, at - end))
        end = max(end, at + seconds)
    parts.steps = sum(step["seconds"] for state in states.values() for step in state["steps"])
    return parts


def add(to: Dict[str, float], name: str, seconds: float) -> None:
    to[name] = to.get(name, 0.0) + seconds
