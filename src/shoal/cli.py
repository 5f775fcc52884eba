"""The command line: ``shoal demo``, ``review``, ``apply``, ``night``, ``recover`` and ``info``."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from shoal.errors import MissingError, ShoalError

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    import shoal

    parser = argparse.ArgumentParser(
        prog="shoal", description="Turn piles of pictures into clean, named groups."
    )
    parser.add_argument("--version", action="version", version=f"shoal {shoal.__version__}")
    commands = parser.add_subparsers(dest="command", required=True)

    commands.add_parser("demo", help="from the bundled film clip to a review in JupyterLab")

    review = commands.add_parser("review", help="open a clustered folder as a web app on this machine")
    review.add_argument("folder", type=Path)
    review.add_argument("--port", type=int, default=None, help="port on 127.0.0.1; a free one when left out")
    review.add_argument("--no-browser", action="store_true", help="say the address, open no browser window")
    review.add_argument("--lab", action="store_true", help="open a notebook in JupyterLab instead")

    apply = commands.add_parser(
        "apply", help="carry out a file of changes on a clustered folder, and save it"
    )
    apply.add_argument("folder", type=Path)
    apply.add_argument("changes", type=Path, help="JSON, from an export, a save or the stand-alone page")
    apply.add_argument("--dry-run", action="store_true", help="write nothing, say what would happen")
    apply.add_argument(
        "--skip-conflicts", action="store_true", help="leave out what does not fit, and list it"
    )

    night = commands.add_parser("night", help="many films or folders in one go, each to a review of its own")
    night.add_argument("titles", nargs="+", type=Path, help="films, or folders of pictures")
    night.add_argument("--preset", default="3d", help="3d, 2d, photos, or a TOML file (3d)")
    night.add_argument("--out", type=Path, default=Path("runs"), help="folder of the runs (runs)")
    night.add_argument("--seed", type=int, default=0)
    night.add_argument("--anew", action="store_true", help="do not go on with a run that was stopped")

    recover = commands.add_parser("recover", help="bring an interrupted save to its end, or take it back")
    recover.add_argument("folder", type=Path)

    info = commands.add_parser("info", help="say what is in a clustered folder")
    info.add_argument("folder", type=Path)
    return parser


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise MissingError(
            f"there is no folder {str(path)!r}", hint="Give the folder that holds the cluster folders."
        )
    return path.resolve()


def _review(args: argparse.Namespace) -> int:
    import tempfile

    from shoal.widgets.notebook import open_lab, write_notebook
    from shoal.widgets.webapp import open_app

    folder = _folder(args.folder)
    if not args.lab:
        say = partial(print, flush=True)
        return open_app(folder, port=args.port, browser=not args.no_browser, say=say)
    with tempfile.TemporaryDirectory(prefix="shoal-review-") as place:
        # Not in the folder itself: nothing that was not asked for is written between people's pictures.
        notebook = write_notebook(Path(place) / f"{folder.name or 'review'}.ipynb", folder)
        return open_lab(notebook, port=args.port, browser=not args.no_browser)


def _apply(args: argparse.Namespace) -> int:
    from shoal.review.outside import apply_changes

    on_conflict = "skip" if args.skip_conflicts else "stop"
    done = apply_changes(_folder(args.folder), args.changes, dry_run=args.dry_run, on_conflict=on_conflict)
    print(done)
    return 1 if done.conflicts else 0


def _night(args: argparse.Namespace) -> int:
    from shoal.night import night_run

    night = night_run(args.titles, preset=args.preset, out=args.out, seed=args.seed, resume=not args.anew)
    print(night)
    return 1 if night.failed else 0


def _recover(args: argparse.Namespace) -> int:
    from shoal.disk import recover

    print(recover(_folder(args.folder)))
    return 0


def _info(args: argparse.Namespace) -> int:
    from shoal.review.review import open_review

    review = open_review(_folder(args.folder))
    print(review)
    for row in review.clusters.to_dict("records"):
        print(f"{row['size']:>8,}  {row['name']}")
    for path, reason in review.broken:
        print(f"  broken  {path}: {reason}")
    return 0


def main(argv: list[str] | None = None) -> int:
    """Entry point of ``shoal``; errors are one line and a way out, never a traceback."""
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["demo"]:  # it has a parser of its own, with its own --help
        from shoal.demo import main as demo

        return demo(argv[1:])
    args = _parser().parse_args(argv)
    try:
        act = {"review": _review, "apply": _apply, "night": _night, "recover": _recover, "info": _info}[
            args.command
        ]
        return act(args)
    except ShoalError as error:
        print(f"shoal: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
