"""Training speed: Keras as it is, on seqkit's fast path, with a live plot, and PyTorch beside it.

    python -m tests.benchmarks.training_speed --nets mlp,cnn --backends tensorflow,jax --out t.md
    python -m tests.benchmarks.training_speed --accuracy --nets mlp,cnn,resnet
    python -m tests.benchmarks.training_speed --profile mlp

Five networks of the lessons, with their data, batch size, rate of Adam and metrics:

    plain  `model.compile(...)`, then `model.fit(x, y, ...)`
    fast   the same with `path = sk.fast_path(x, y, batch_size=...)`: its data, its options
    live   plain with `sk.LivePlot()` inside an IPython shell, so that it draws (into nothing)
    torch  the same network in PyTorch: `torch.compile`, the fused Adam, the data as one tensor on
           the device, shuffled by index; loss and metric are read once in an epoch
    eager  the same without `torch.compile`, which is faster where the steps are small

TensorFlow, JAX and PyTorch each have a process of their own for each network. All stay alive and
work in turn, never two at a time, so a round holds a time of each from the same minute; the order
turns from round to round. Compilation is not in the examples per second: each process trains one
epoch before, told as "first epoch" (all caches of compiled code are empty). Both sides train the
same number of parameters, which is checked. On a GPU, PyTorch may use TF32 in products of float32,
as TensorFlow and JAX do by themselves.

The share of the peak is 2 · 3 · multiply-adds of one example (`sk.trace`; forward, and twice that
backward) · examples per second, divided by the best matrix product of that framework, here and now.
`--accuracy` counts the seconds of training only: neither the compilation nor the test.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from seqkit.environment import apply
from tests.benchmarks.training_nets import MOST_EPOCHS, NETS, Task

ROOT = Path(__file__).parents[2]
KERAS_PATHS = ("plain", "fast", "live")
TORCH_PATHS = ("torch", "eager")
SEEDS = (0, 1, 2)
ALONE = (512, 1)  # examples and batch size that show what a step costs beside arithmetic


class Worker:
    """A process with one framework. It is asked, and only then works."""

    def __init__(self, framework: str, task: Task, scratch: Path) -> None:
        self.framework = framework
        module = "torch" if framework == "torch" else "keras"
        command = [sys.executable, "-m", f"tests.benchmarks.training_nets_{module}"]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(framework, scratch),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.ask("__init__", **asdict(task))
        self.about: dict[str, Any] = self.ask("about")

    def ask(self, method: str, **arguments: Any) -> Any:
        assert self.process.stdin and self.process.stdout
        print(json.dumps([method, arguments]), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        reply = json.loads(line) if line else {"error": "The process died."}
        if "error" in reply:
            raise SystemExit(f"{self.framework}, {method}({arguments}):\n{reply['error']}")
        return reply["answer"]

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(60)


def _environment(framework: str, scratch: Path) -> dict[str, str]:
    """As the course sets it; memory of a GPU is taken as it is needed, for three share it."""
    given = dict(os.environ)
    apply(given)
    if framework != "torch":
        given["KERAS_BACKEND"] = framework
    return {
        **given,
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "TORCHINDUCTOR_CACHE_DIR": str(scratch / "inductor"),
        "IPYTHONDIR": str(scratch / "ipython"),
    }


@contextmanager
def workers(frameworks: Iterable[str], task: Task) -> Iterator[dict[str, Worker]]:
    """Processes for a task, all with equally many parameters."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="training-")))
        staff = {}
        for framework in frameworks:
            staff[framework] = Worker(framework, task, scratch)
            stack.callback(staff[framework].close)
        counts = {name: worker.about["parameters"] for name, worker in staff.items()}
        if len(set(counts.values())) > 1:
            raise SystemExit(f"{task.net}: not the same parameters: {counts}")
        yield staff


class Way(NamedTuple):
    """How a network is trained: a framework, and for Keras a path."""

    framework: str
    path: str

    def __str__(self) -> str:
        if self.framework != "torch":
            return f"{self.framework} {self.path}"
        return "PyTorch eager" if self.path == "eager" else "PyTorch compiled"


@dataclass
class Runs:
    """The times of one way.

    Attributes:
        first: seconds of the first epoch, with the compilation.
        epochs: how many are one measurement.
        speeds: examples per second, one for each round.
        plots: for the live plot its share of a fit, the same without the last picture, and the
            seconds of the last picture.
    """

    first: float
    epochs: int
    speeds: list[float] = field(default_factory=list)
    plots: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass
class Result:
    """All that was found out about one network."""

    net: str
    about: dict[str, dict[str, Any]]
    runs: dict[Way, Runs]
    peaks: dict[str, float]
    costs: dict[str, dict[str, float]]


def measure(task: Task, ways: Sequence[Way], seconds: float, rounds: int) -> Result:
    """Train in all ways in turn, round after round."""
    with workers(dict.fromkeys(way.framework for way in ways), task) as staff:
        runs = {way: _warm(staff[way.framework], way.path, seconds) for way in ways}
        for number in range(rounds):
            turn = number % len(ways)
            for way in (*ways[turn:], *ways[:turn]):
                _measure_once(staff[way.framework], way.path, runs[way])
            tell(f"{task.net}: round {number + 1} of {rounds}")
        return Result(
            task.net,
            {name: worker.about for name, worker in staff.items()},
            runs,
            {name: worker.ask("peak") for name, worker in staff.items()},
            {name: worker.ask("costs") for name, worker in staff.items() if name != "torch"},
        )


def _warm(worker: Worker, path: str, seconds: float) -> Runs:
    first = worker.ask("run", path=path, epochs=1)["seconds"]
    again = worker.ask("run", path=path, epochs=1)
    tell(f"{worker.framework} {path}: first epoch {first:.1f} s, second {again['seconds']:.1f} s")
    return Runs(first, max(1, round(seconds / (again["seconds"] - again.get("plot", 0)))))


def _measure_once(worker: Worker, path: str, runs: Runs) -> None:
    found = worker.ask("run", path=path, epochs=runs.epochs)
    runs.speeds.append(worker.about["examples"] * runs.epochs / found["seconds"])
    if "plot" in found:
        seconds, plot, last = found["seconds"], found["plot"], found["last"]
        runs.plots.append((plot / seconds, (plot - last) / seconds, last))


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


# Tables.


def table(header: str, rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; the header holds its names between bars."""
    rule = "|".join("---" for _ in header.split("|"))
    lines = [header, rule, *("|".join(row) for row in rows)]
    return "\n".join(f"|{line}|" for line in lines)


def spread(values: Sequence[float], form: str = ",.0f") -> str:
    """The median, and from where to where."""
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:{form}} ({low:{form}} to {high:{form}})"


def ratios(above: Runs, below: Runs) -> str:
    pairs = zip(above.speeds, below.speeds, strict=True)
    return spread([one / other for one, other in pairs], ".2f")


def speed_table(results: Iterable[Result]) -> str:
    """Examples per second of all ways, with the share of the peak."""
    rows = []
    for result in results:
        for way, runs in result.runs.items():
            speed = statistics.median(runs.speeds)
            cost = next((one["multiply_adds"] for one in result.costs.values()), 0)
            share = f"{2 * 3 * cost * speed / result.peaks[way.framework]:.2%}" if cost else "–"
            first = "–" if way.path == "live" else f"{runs.first:.1f}"
            rows.append([result.net, str(way), spread(runs.speeds), share, first])
    return table("net|trained by|examples/s (min to max)|share of peak|first epoch, s", rows)


def ratio_table(results: Iterable[Result]) -> str:
    """The fast path against the plain one, and the best of Keras against PyTorch."""
    rows = []
    for result in results:
        runs = result.runs
        for way in runs:
            plain = Way(way.framework, "plain")
            if way.path in ("fast", "live") and plain in runs:
                rows.append([result.net, f"{way} / plain", ratios(runs[way], runs[plain])])
        keras = [way for way in runs if way.path in ("plain", "fast")]
        if keras:
            best = max(keras, key=lambda way: statistics.median(runs[way].speeds))
            for rival in (way for way in runs if way.framework == "torch"):
                rows.append([result.net, f"**{best} / {rival}**", ratios(runs[best], runs[rival])])
    return table("net|ratio|median of the rounds (min to max)", rows)


def seqkit_table(results: Iterable[Result]) -> str:
    """What the live plot and a trace cost."""
    rows = []
    for result in results:
        for framework, cost in result.costs.items():
            row = [result.net, framework, "–", "–", "–", f"{1e3 * cost['trace']:.1f}", "–"]
            live = result.runs.get(Way(framework, "live"))
            if live:
                shares, early, last = zip(*live.plots, strict=True)
                row[2:5] = [spread(shares, ".2%"), spread(early, ".2%"), spread(last, ".2f")]
            plain = result.runs.get(Way(framework, "plain"))
            if plain:
                epoch = result.about[framework]["examples"] / statistics.median(plain.speeds)
                row[6] = f"{cost['trace'] / epoch:.2%}"
            rows.append(row)
    return table(
        "net|backend|`LivePlot`, share of `fit`|without the last picture|last picture, s|"
        "`sk.trace`, ms|share of a plain epoch",
        rows,
    )


def device_list(about: Mapping[str, Mapping[str, Any]]) -> str:
    return "\n".join(f"- {name}: {one['device']}" for name, one in about.items())


def accuracy_tables(nets: Sequence[str], ways: Sequence[Way], options: argparse.Namespace) -> str:
    """Seconds of training until the goal of each network."""
    rows, devices = [], ""
    for net in nets:
        task = Task(net, options.precision, accuracy=True)
        with workers(dict.fromkeys(way.framework for way in ways), task) as staff:
            found: dict[Way, list[Mapping[str, float]]] = {way: [] for way in ways}
            for seed in SEEDS:
                for way in ways:
                    once = staff[way.framework].ask("to_accuracy", path=way.path, seed=seed)
                    found[way].append(once)
                tell(f"{net}: seed {seed}")
            devices = device_list({name: worker.about for name, worker in staff.items()})
        for way, tries in found.items():
            lost = sum(once["accuracy"] < (NETS[net].goal or 0) for once in tries)
            epochs = f"{statistics.median(once['epochs'] for once in tries):g}"
            seconds = spread([once["seconds"] for once in tries], ".2f")
            rows.append(
                [net, f"{NETS[net].goal:.0%}", str(way), seconds, epochs, str(lost or "none")]
            )
    header = (
        f"net|test accuracy|trained by|seconds, median of {len(SEEDS)} seeds (min to max)|epochs|"
        f"not in {MOST_EPOCHS} epochs"
    )
    return f"{devices}\n\n{table(header, rows)}"


def profile_tables(net: str, ways: Sequence[Way], options: argparse.Namespace) -> str:
    """Where the time goes in Python, and what a step costs with one example in it."""
    parts = []
    frameworks = dict.fromkeys(way.framework for way in ways)
    with workers(frameworks, Task(net, options.precision)) as staff:
        for way in ways:
            _warm(staff[way.framework], way.path, 1)
            for title, rows in staff[way.framework].ask("profile", path=way.path).items():
                parts += [f"## {net}, {way}: seconds, {title}", table("s|calls|function", rows)]
    examples, batch_size = ALONE
    alone = Task(net, options.precision, examples, batch_size)
    steps = measure(alone, ways, min(options.seconds, 1), options.rounds)
    rows = [
        [str(way), spread([1e3 * batch_size / speed for speed in found.speeds], ".3f")]
        for way, found in steps.runs.items()
    ]
    return "\n\n".join(
        [
            device_list(steps.about),
            *parts,
            f"## {net}: a step with {batch_size} example",
            table("trained by|ms a step", rows),
        ]
    )


def speed_tables(nets: Sequence[str], ways: Sequence[Way], options: argparse.Namespace) -> str:
    """The tables of the usual run, with what the machine can do."""
    results = []
    for net in nets:
        task = Task(net, options.precision, options.examples)
        results.append(measure(task, ways, options.seconds, options.rounds))
    best: dict[str, float] = {}
    for framework, peak in (item for result in results for item in result.peaks.items()):
        best[framework] = max(peak, best.get(framework, 0.0))
    peaks = ", ".join(f"{name} {peak / 1e9:,.0f}" for name, peak in best.items())
    return "\n\n".join(
        [
            device_list(results[0].about),
            f"{options.rounds} rounds of {options.seconds:g} s. "
            f"Best matrix product in {options.precision}, GFLOP/s: {peaks}.",
            speed_table(results),
            ratio_table(results),
            seqkit_table(results),
        ]
    )


def ways_of(options: argparse.Namespace) -> list[Way]:
    """What is asked for and can be done here."""
    paths = [path for path in KERAS_PATHS if path in options.paths]
    for needed in ("IPython", "matplotlib"):
        if "live" in paths and importlib.util.find_spec(needed) is None:
            paths.remove("live")
            tell(f"Without {needed} nothing is drawn: no live plot is measured.")
    ways = [Way(backend, path) for backend in options.backends for path in paths]
    return [*ways, *(Way("torch", path) for path in TORCH_PATHS if path in options.paths)]


def heading(options: argparse.Namespace) -> str:
    now = datetime.datetime.now(datetime.UTC)
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    if load > processors / 2:
        tell(f"Load {load:.1f}: do not trust the ratios. PyTorch's threads wait for each other.")
    setup = f"{options.precision}, {processors} processors, load {load:.1f} before"
    return f"# Training speed, {now:%Y-%m-%d %H:%M} UTC\n\n{setup}."


def listed(*allowed: str) -> Callable[[str], list[str]]:
    """A type for argparse: names with commas between them."""

    def parse(text: str) -> list[str]:
        names = text.split(",")
        for name in names:
            if name not in allowed:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(allowed)}")
        return names

    return parse


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    backends = ("tensorflow", "jax")
    paths = (*KERAS_PATHS, *TORCH_PATHS)
    parser.add_argument("--nets", type=listed(*NETS), default=list(NETS), metavar="A,B")
    parser.add_argument("--paths", type=listed(*paths), default=list(paths), metavar="A,B")
    parser.add_argument("--backends", type=listed(*backends), default=list(backends), metavar="A,B")
    parser.add_argument("--seconds", type=float, default=5.0, help="of one measurement")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--examples", type=int, metavar="N", help="the first N only, for a trial")
    parser.add_argument("--precision", choices=("float32", "mixed_bfloat16"), default="float32")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--accuracy", action="store_true", help="the time to a test accuracy")
    what.add_argument("--profile", choices=list(NETS), metavar="NET", help="where the time goes")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the tables here, too")
    options = parser.parse_args()
    start, ways = heading(options), ways_of(options)
    undrawn = [way for way in ways if way.path != "live"]
    if options.accuracy:
        body = accuracy_tables([net for net in options.nets if NETS[net].goal], undrawn, options)
    elif options.profile:
        body = profile_tables(options.profile, undrawn, options)
    else:
        body = speed_tables(options.nets, ways, options)
    text = f"{start}\n\n{body}\n"
    print(text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
