"""The command `seqkit`: a thin skin over the rooms."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from seqkit.errors import SeqkitError
from seqkit.grading.commands import add_commands as add_grading_tools
from seqkit.grading.grade_command import add_grade


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: the words after `seqkit`; those of the shell by default.

    Returns:
        0 when all went well, 1 when something was found or failed.

    Example:
        >>> main(["build", "--check", "--root", "/nowhere"])
        1
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except SeqkitError as error:
        print(f"seqkit {options.command}: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="seqkit",
        description="Trace Keras models; build and grade the notebooks of the Sequential course.",
        epilog="'seqkit COMMAND --help' says more about one command.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_build(commands)
    _add_full(commands)
    _add_links(commands)
    _add_environment(commands)
    _add_readme(commands)
    _add_trace(commands)
    _add_lint(commands)
    _add_rule(commands)
    _add_info(commands)
    add_grade(commands)
    add_grading_tools(commands)
    _add_kernel(commands)
    return parser


def _add_build(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    build = _command(
        commands,
        "build",
        "make the notebooks from lessons/src and solutions/src",
        "Make lessons/, exercises/ and solutions/ from their text sources. Only notebooks whose "
        "code changed are run again. A cell that fails stops the build and is named.",
        _build,
    )
    build.add_argument("--only", metavar="NN", help="build only names that begin so, such as 01")
    build.add_argument("--no-execute", action="store_true", help="do not run any notebook")
    build.add_argument("--force", action="store_true", help="run all notebooks again")
    build.add_argument(
        "--check", action="store_true", help="write nothing; report what differs from its source"
    )
    _add_root(build)


def _add_full(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    full = _command(
        commands,
        "full",
        "run the lessons under the budget 'full'",
        "Run every lesson with SEQKIT_BUDGET=full, best on a GPU, into a folder of its own, and "
        "write a table of results. A run that was interrupted goes on with the next lesson. The "
        "exit code is 1 when a lesson fails.",
        _full,
    )
    full.add_argument("--only", metavar="NN", help="run only names that begin so, such as 12")
    full.add_argument("--out", type=Path, metavar="FOLDER", help="default: build/full")
    full.add_argument("--force", action="store_true", help="run lessons again that passed before")
    _add_root(full)


def _add_links(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    links = _command(
        commands,
        "links",
        "set the repository that the Binder and Colab badges open",
        "Show the repository of the badges, or set it: then the README and all notebooks get the "
        "new links.",
        _links,
    )
    links.add_argument("--repository", metavar="OWNER/NAME", help="the repository on GitHub")
    _add_root(links)


def _add_environment(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    environment = _command(
        commands,
        "environment",
        "write environment.yml and the Binder files",
        "Write environment.yml and the files of .binder/ from pyproject.toml and the lock file.",
        _environment,
    )
    _add_root(environment)


def _add_readme(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    readme = _command(
        commands,
        "readme",
        "run the README's examples and renew its table and picture",
        "Run the examples of README.md and put in what they print; renew the table of lessons and "
        "the picture.",
        _readme,
    )
    _add_root(readme)


def _add_trace(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    trace = _command(
        commands,
        "trace",
        "print the shape trace of a saved model",
        "Print every layer of a saved model with its shapes, its parameters and the reason for "
        "both. Only files without code of their own are opened (Keras' safe mode).",
        _trace,
    )
    trace.add_argument("file", type=Path, metavar="FILE.keras", help="a model saved by Keras")
    trace.add_argument(
        "--input-shape",
        type=_sizes,
        metavar="28,28,1",
        help="shape of one example, where the model does not know it",
    )


def _add_lint(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    lint = _command(
        commands,
        "lint",
        "find mistakes in the Sequential models of programs and notebooks",
        "Read the Sequential models of each file, without running it, and look for mistakes. What "
        "cannot be read is said, never guessed. The exit code is 1 when a finding is an error, "
        "or when a file cannot be read or is not Python, since nothing in it was checked.",
        _lint,
    )
    lint.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a .py, .ipynb or .keras file"
    )
    lint.add_argument(
        "--format",
        choices=("text", "json", "sarif", "github"),
        default="text",
        help="how the findings are printed (default: text)",
    )
    lint.add_argument("--select", metavar="CODES", help="ask only these rules: SEQ101,SEQ2 or ALL")
    lint.add_argument("--ignore", metavar="CODES", help="do not ask these rules")


def _add_rule(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rule = _command(
        commands,
        "rule",
        "explain one rule of 'seqkit lint', or all",
        "Print what a rule looks for, why that is bad, an example and its repair.",
        _rule,
    )
    rule.add_argument("code", nargs="?", metavar="CODE", help="such as SEQ201, or the rule's name")
    rule.add_argument("--all", action="store_true", help="print all rules, as in docs/rules.md")


def _add_info(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    _command(
        commands,
        "info",
        "print the versions and the device, for a report",
        "Print the versions of Python, seqkit and Keras, the backend and the device.",
        _info,
    )


def _add_kernel(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    kernel = _command(
        commands,
        "kernel",
        "add a kernel that starts in under a second to JupyterLab",
        "Add the kernel 'Python 3 (seqkit, warm)', or take it away. It is forked from a process "
        "that has imported Keras already, so that 'restart kernel' takes under a second.",
        _kernel,
    )
    kernel.add_argument("what", choices=("install", "uninstall"))
    where = kernel.add_mutually_exclusive_group()
    where.add_argument("--user", action="store_true", help="for every Jupyter of this user")
    where.add_argument(
        "--prefix", metavar="FOLDER", help="below this folder (default: this Python)"
    )


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    short: str,
    long: str,
    run: object,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=short, description=long)
    parser.set_defaults(run=run)
    return parser


def _add_root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--root", type=Path, metavar="FOLDER", help="the folder of the course (default: found)"
    )


def _full(options: argparse.Namespace) -> int:
    from seqkit.authoring.full_run import run_full, table
    from seqkit.authoring.sources import find_root

    root = find_root(options.root)
    results = run_full(root, options.out or root / "build" / "full", options.only, options.force)
    print(table(results))
    return 0 if all(result.passed for result in results) else 1


def _build(options: argparse.Namespace) -> int:
    from seqkit.authoring import build, drift
    from seqkit.authoring.sources import find_root

    root = find_root(options.root)
    if options.check:
        differences = drift(root, options.only)
        print("\n".join(differences) or "Every derived file is in step with its source.")
        return 1 if differences else 0
    written = build(root, options.only, run=not options.no_execute, force=options.force)
    print(f"{len(written)} files written." if written else "Nothing to do.")
    return 0


def _links(options: argparse.Namespace) -> int:
    from seqkit.authoring import build, links
    from seqkit.authoring.sources import find_root

    root = find_root(options.root)
    if options.repository:
        try:
            links.set_repository(root, options.repository)
        except ValueError as error:
            raise SeqkitError(str(error)) from error
        links.rewrite_readme(root)
        build(root, run=False)
    print(f"The badges open {links.repository(root)}.")
    return 0


def _environment(options: argparse.Namespace) -> int:
    from seqkit.authoring import environment_file
    from seqkit.authoring.sources import find_root

    root = find_root(options.root)
    for path in environment_file.write(root):
        print(f"wrote   {path.relative_to(root)}")
    return 0


def _readme(options: argparse.Namespace) -> int:
    from seqkit.authoring import readme
    from seqkit.authoring.sources import find_root

    root = find_root(options.root)
    for path in readme.write(root):
        print(f"wrote   {path.relative_to(root)}")
    return 0


def _trace(options: argparse.Namespace) -> int:
    if not options.file.is_file():
        kind = "is a folder, not a file" if options.file.is_dir() else "does not exist"
        raise SeqkitError(f"{options.file} {kind}. Give a model that Keras saved: model.keras.")
    import keras

    from seqkit.errors import InputShapeError
    from seqkit.graph.reasons import first_sentence
    from seqkit.tracing import trace

    try:
        model = keras.saving.load_model(options.file, compile=False, safe_mode=True)
    except Exception as error:
        raise SeqkitError(
            f"{options.file} is not a model that Keras can open: {first_sentence(error)}."
        ) from error
    try:
        result = trace(model, options.input_shape)
    except InputShapeError as error:
        if options.input_shape is not None:
            raise
        raise SeqkitError(
            f"The model in {options.file} does not know its input shape. "
            "Give it: --input-shape 28,28,1"
        ) from error
    print(result)
    return 0 if result.ok else 1


def _lint(options: argparse.Namespace) -> int:
    from seqkit.linting.files import lint_files
    from seqkit.linting.formats import FORMATS

    reports = lint_files(options.files, options.select, options.ignore)
    text = FORMATS[options.format](reports)
    if text:
        print(text)
    for report in reports:
        if report.failed:
            print(f"seqkit lint: {report.failed}", file=sys.stderr)
    return 0 if all(report.ok for report in reports) else 1


def _rule(options: argparse.Namespace) -> int:
    from seqkit.linting.pages import all_pages, find_rule, rule_page

    if options.all:
        print(all_pages(), end="")
        return 0
    if options.code is None:
        raise SeqkitError("Name a rule, such as: seqkit rule SEQ201. Or write --all.")
    print(rule_page(find_rule(options.code)))
    return 0


def _sizes(text: str) -> tuple[int | None, ...]:
    """The sizes of `28,28,1`; `None` stands for an axis that is not fixed."""
    words = text.strip("() ").rstrip(",").split(",")
    try:
        return tuple(None if word.strip() == "None" else int(word) for word in words)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a shape such as 28,28,1") from None


def _kernel(options: argparse.Namespace) -> int:
    from seqkit.kernel.install import install, uninstall

    if options.what == "install":
        print(f"Installed: {install(user=options.user, prefix=options.prefix)}")
        return 0
    removed = uninstall(user=options.user, prefix=options.prefix)
    print("Removed." if removed else "It was not installed there.")
    return 0


def _info(options: argparse.Namespace) -> int:
    import platform

    import seqkit
    from seqkit.training import device

    print(f"seqkit {seqkit.__version__} · Python {platform.python_version()}")
    print(device())
    return 0


if __name__ == "__main__":
    sys.exit(main())
