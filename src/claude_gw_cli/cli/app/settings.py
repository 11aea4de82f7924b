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
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Never ask (this command asks nothing).")]


@app.command()
def render(
    scope: ScopeOption = "user",
    profile: ProfileOption = None,
    out: Annotated[str | None, typer.Option("--out", help="Write to this file instead of stdout.")] = None,
    write_secret: SecretOption = False,
    yes: YesOption = False,  # noqa: ARG001  # accepted everywhere by contract
) -> None:
    """Print a complete settings file, for CI and images."""
    from claude_gw_cli.cli import settings

    raise typer.Exit(settings.render(settings.Target(scope), profile, out=out, write_secret=write_secret))


@app.command()
def diff(
    scope: ScopeOption = "user",
    profile: ProfileOption = None,
    write_secret: SecretOption = False,
    force: ForceOption = False,
    managed_dir: ManagedOption = None,
    drop_in: DropInOption = False,
    yes: YesOption = False,  # noqa: ARG001  # accepted everywhere by contract
) -> None:
    """Show what apply would change, keys masked; exit 1 when it would change something."""
    from claude_gw_cli.cli import settings

    target = settings.Target(scope, managed_dir, drop_in)
    raise typer.Exit(settings.diff(target, profile, write_secret=write_secret, force=force))


@app.command()
def apply(
    scope: ScopeOption = "user",
    profile: ProfileOption = None,
    write_secret: SecretOption = False,
    force: ForceOption = False,
    managed_dir: ManagedOption = None,
    drop_in: DropInOption = False,
    yes: YesOption = False,  # noqa: ARG001  # accepted everywhere by contract
) -> None:
    """Merge the profile into the settings file; every byte that is not cgw's stays."""
    from claude_gw_cli.cli import settings

    target = settings.Target(scope, managed_dir, drop_in)
    raise typer.Exit(settings.apply(target, profile, write_secret=write_secret, force=force))


@app.command()
def undo(
    scope: ScopeOption = "user",
    force: ForceOption = False,
    managed_dir: ManagedOption = None,
    drop_in: DropInOption = False,
    yes: YesOption = False,  # noqa: ARG001  # accepted everywhere by contract
) -> None:
    """Take back exactly what cgw put into the settings file."""
    from claude_gw_cli.cli import settings

    raise typer.Exit(settings.undo(settings.Target(scope, managed_dir, drop_in), force=force))


@app.command()
def status(
    scope: Annotated[str | None, typer.Option("--scope", help="One scope; default: all.")] = None,
    managed_dir: ManagedOption = None,
    drop_in: DropInOption = False,
    yes: YesOption = False,  # noqa: ARG001  # accepted everywhere by contract
) -> None:
    """Tell for each member that cgw set whether it is still there; exit 1 when one drifted."""
    from claude_gw_cli.cli import settings

    raise typer.Exit(settings.status(settings.Target(scope, managed_dir, drop_in) if scope else None))
