"""Declarations of ``cgw init``, ``cgw env`` and ``cgw run``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()

ProfileOption = Annotated[str | None, typer.Option("--profile", help="Profile name or file.")]


@app.command()
def init(
    name: Annotated[str | None, typer.Argument(help="Profile name; default: the provider's.")] = None,
    provider: Annotated[
        str | None,
        typer.Option(help="unified, anthropic, bedrock, vertex, foundry, mantle or anthropic-aws."),
    ] = None,
    gateway_url: Annotated[str | None, typer.Option(help="The gateway's root URL.")] = None,
    base_path: Annotated[
        str | None, typer.Option(help="Path below the root, for gateways laid out unlike LiteLLM.")
    ] = None,
    credentials: Annotated[str | None, typer.Option(help="Who holds the cloud credential: proxy or client.")] = None,
    auth: Annotated[str | None, typer.Option(help="How the key reaches the client: static or helper.")] = None,
    secret: Annotated[
        str | None, typer.Option(metavar="REF", help="Where the key is (a reference, never the key).")
    ] = None,
    key_header: Annotated[str | None, typer.Option(help="Header the gateway reads its key from.")] = None,
    key_format: Annotated[str | None, typer.Option(help="bearer or bare; default by header.")] = None,
    project_id: Annotated[str | None, typer.Option(help="Google Cloud project (vertex).")] = None,
    region: Annotated[str | None, typer.Option(help="Cloud region (vertex, bedrock).")] = None,
    workspace_id: Annotated[str | None, typer.Option(help="Workspace (anthropic-aws).")] = None,
    min_client_version: Annotated[
        str | None, typer.Option(help="Oldest Claude Code this profile must serve.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Model the client starts with.")] = None,
    opus_model: Annotated[str | None, typer.Option(help="What 'opus' means at this gateway.")] = None,
    sonnet_model: Annotated[str | None, typer.Option(help="What 'sonnet' means at this gateway.")] = None,
    haiku_model: Annotated[str | None, typer.Option(help="What 'haiku' means at this gateway.")] = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="FILE|URL", help="Start from a profile file or URL.")
    ] = None,
    scope: Annotated[
        str, typer.Option(help="Also apply to settings: none, user, project, local or managed.")
    ] = "none",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take defaults.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the profile instead of writing it.")] = False,
) -> None:
    """Create a profile: a wizard on a terminal, flags everywhere else."""
    from claude_gw_cli.cli.init import Wanted
    from claude_gw_cli.cli.init import init as run

    wanted = Wanted(
        name=name,
        values={
            "provider": provider,
            "gateway_url": gateway_url,
            "base_path": base_path,
            "credentials": credentials,
            "auth": auth,
            "secret": secret,
            "key_header": key_header,
            "key_format": key_format,
            "project_id": project_id,
            "region": region,
            "workspace_id": workspace_id,
            "min_client_version": min_client_version,
        },
        models={"default": model, "opus": opus_model, "sonnet": sonnet_model, "haiku": haiku_model},
        source=source,
        scope=scope,
        yes=yes,
        dry_run=dry_run,
    )
    raise typer.Exit(run(wanted))


@app.command()
def env(
    profile: ProfileOption = None,
    shell: Annotated[str | None, typer.Option(help="Shell or file format; default: detect the shell.")] = None,
    unset: Annotated[bool, typer.Option("--unset", help="Print what takes the profile out of the shell.")] = False,
    resolve: Annotated[bool, typer.Option("--resolve", help="Fetch the key now, also where a helper would.")] = False,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show secrets on a terminal.")] = False,
) -> None:
    """Print what the shell must evaluate: eval "$(cgw env)"."""
    from claude_gw_cli.cli.env import env as run

    raise typer.Exit(run(profile, shell=shell, unset=unset, resolve=resolve, reveal=reveal))


@app.command(
    options_metavar="[OPTIONS] -- COMMAND [ARG]...",
    # From its first word on, COMMAND is not cgw's to read: not its options, not a `--` among them.
    context_settings={"allow_extra_args": True, "allow_interspersed_args": False},
)
def run(
    context: typer.Context,
    profile: ProfileOption = None,
) -> None:
    """Replace cgw with a command under the profile's environment: cgw run -- claude."""
    from claude_gw_cli.cli.run import run as run_command

    raise typer.Exit(run_command(profile, context.args))
