"""Declarations of ``cgw settings``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    help="Write a profile into Claude Code's settings files, losslessly, and take it back.", no_args_is_help=True
)

ScopeOption = Annotated[str, typer.Option("--scope", help="Which file: user, project, local or managed.")]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="Profile name or file; default: the one in use.")
]
SecretOption = Annotated[
    bool, typer.Option("--write-secret", help="Write the key itself (never into project scope or a tracked file).")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Also where somebody changed what cgw had set.")]
ManagedOption = Annotated[
    str | None, typer.Option("--managed-dir", help="Managed directory instead of the platform's.")
]
DropInOption = Annotated[
    bool, typer.Option("--drop-in", help="Managed scope: managed-settings.d/50-cgw.json instead of the main file.")
]
OutOption = Annotated[str | None, typer.Option("--out", metavar="FILE", help="This file instead of the scope's.")]
RecordedOption = Annotated[
    str | None, typer.Option("--profile", help="Only what this profile put there; default: whatever is there.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Never ask (this command asks nothing).")]


@app.command()
def render(
    scope: ScopeOption = "user",
    profile: ProfileOption = None,
    out: Annotated[
        str | None, typer.Option("--out", metavar="FILE", help="Write to this file instead of stdout.")
    ] = None,
    write_secret: SecretOption = False,
    yes: YesOption = False,  # noqa: ARG001  # accepted everywhere by contract
) -> None:
    """Print a complete settings file, for CI and images."""
    from claude_gw_cli.cli import settings

    raise typer.Exit(settings.render(settings.Target(scope, out=out), profile, write_secret=write_secret))


@app.command()
def diff(
    scope: ScopeOption = "user",
    profile: ProfileOption = None,
    out: OutOption = None,
    write_secret: SecretOption = False,
    force: ForceOption = False,
    managed_dir: ManagedOption = None,
    drop_in: DropInOption = False,
    yes: YesOption = False,  # noqa: ARG001  # accepted everywhere by contract
) -> None:
    """Show what apply would change, keys masked; exit 1 when it would change something."""
    from claude_gw_cli.cli import settings

    target = settings.Target(scope, managed_dir, drop_in, out)
    raise typer.Exit(settings.diff(target, profile, write_secret=write_secret, force=force))


@app.command()
def apply(
    scope: ScopeOption = "user",
    profile: ProfileOption = None,
    out: OutOption = None,
    write_secret: SecretOption = False,
    force: ForceOption = False,
    managed_dir: ManagedOption = None,
    drop_in: DropInOption = False,
    yes: YesOption = False,  # noqa: ARG001  # accepted everywhere by contract
) -> None:
    """Merge the profile into the settings file; every byte that is not cgw's stays."""
    from claude_gw_cli.cli import settings

    target = settings.Target(scope, managed_dir, drop_in, out)
    raise typer.Exit(settings.apply(target, profile, write_secret=write_secret, force=force))


@app.command()
def undo(
    scope: ScopeOption = "user",
    profile: RecordedOption = None,
    out: OutOption = None,
    force: ForceOption = False,
    managed_dir: ManagedOption = None,
    drop_in: DropInOption = False,
    yes: YesOption = False,  # noqa: ARG001  # accepted everywhere by contract
) -> None:
    """Take back exactly what cgw put into the settings file."""
    from claude_gw_cli.cli import settings

    raise typer.Exit(settings.undo(settings.Target(scope, managed_dir, drop_in, out), profile, force=force))


@app.command()
def status(
    scope: Annotated[str | None, typer.Option("--scope", help="One scope; default: all.")] = None,
    profile: RecordedOption = None,
    out: OutOption = None,
    managed_dir: ManagedOption = None,
    drop_in: DropInOption = False,
    yes: YesOption = False,  # noqa: ARG001  # accepted everywhere by contract
) -> None:
    """Tell for each file which members that cgw set have drifted (-v: every member); exit 1 when one has."""
    from claude_gw_cli.cli import settings

    one = settings.Target(scope or "user", managed_dir, drop_in, out)
    raise typer.Exit(settings.status([one] if scope or out else settings.everywhere(managed_dir), profile))
