"""Write docs/fronts.md from facts/fronts.toml: ``make update``. ``test_fronts.py`` says when it is due."""
# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from pathlib import Path

from claude_gw_cli.facts.fronts import FRONTS, Front

PAGE = Path(__file__).parent.parent.parent / "docs" / "fronts.md"

_HEAD = """# Programs before the gateway

A reverse proxy before the gateway can remove the header with the key, refuse a long key or a large request, hold a
stream back, or cut it. The table says what each program does by default, behind the smallest configuration that
works; its source is `facts/fronts.toml`. A configuration can change every row: `cgw doctor` asks the gateway itself.

Name the program in the profile, and `cgw check` warns when it removes the header that carries the key
([CGW151](rules/CGW151.md)):

```console
$ cgw init work --provider unified --gateway-url https://llm.example.com --key-header x-litellm-api-key --front caddy
```

"""

_TAIL = """
LiteLLM reads `x-litellm-api-key` without configuration, and no program was seen to remove it. LiteLLM sends no `Server`
header, so `Server` and `Via` in an answer name what is before it.

## A program that asks for a user name and password

It takes the header `Authorization` for itself, so the key needs another header. A profile carries both: `front_auth` is
a secret reference whose value is `USER:PASSWORD`, and the client gets a line `Authorization: Basic …` beside the key's.

```console
$ cgw secret set keyring://cgw/front
$ cgw init work --provider unified --gateway-url https://llm.example.com --key-header x-litellm-api-key \\
    --front-auth keyring://cgw/front --yes
```

Both are in `ANTHROPIC_CUSTOM_HEADERS`, as a static key is: in the environment from `cgw run` and `cgw env`, and in a
settings file only with `--write-secret`. Not possible: with `auth = "helper"`, because the client sends the helper's
value in `Authorization`; with `credentials = "client"` where the cloud's credential is in that header; and for other
schemes (Digest, Negotiate, NTLM).

## What cgw doctor does to tell them apart

| question | how it asks |
|---|---|
| is the key's header removed? | the request without the key draws the same answer, and the key in another header another: in those that this kind of gateway reads, else in `authorization`, `x-api-key` and `x-litellm-api-key` |
| does something ask for a password? | the answer 401 has `WWW-Authenticate: Basic` (or Digest, Negotiate, NTLM) |
| is the key too large for a header? | a dummy of the same length is refused as the key is, and a short one is not |
| is the request refused for what the client's has and a shorter one has not? | once more with the client's 21 headers and its query; if that is refused, with each part alone: the query, as many headers, each header, the length |
| is a header too long? | the same header with one character is answered |
| does it speak HTTP/2 only? | a port that closes the connection answers the first bytes of HTTP/2, over TLS too, and not in HTTP/1 what cannot be a request |
| does it serve another name? | the answer 421, or the TLS alert that says so |
| does it accept the client's certificate? | the TLS alert about one, or nginx's page |
| does it refuse to count tokens? | the same answer comes without the key: the client does without, so that is not a failure |
| is there a limit for bodies? | `Expect: 100-continue` with a length and no body is answered 413; else 1.2 MB are sent |
| is source code, a shell command or a word of the client's prompt refused? | the same size with harmless text passes |
| is it a corporate proxy that answers? | without the key: the proxy is asked for a host that does not exist, and the gateway past the proxy |
| does it change the path? | the path without the slash after the base path, or without `%2F`, is answered |
| is a stream held back, cut or late? | `--live`: when each piece arrives, and whether the stream ends properly |
| is a part of the request refused? | `--live`: the same request without `thinking`, `output_config`, `context_management`, `tools` or `anthropic-beta` is answered |

What it cannot see: a limit for bodies that the program does not announce (Caddy, Apache) and that is above 1.2 MB, a
limit in seconds that is longer than the answer of `--live`, and which program it is where none leaves a trace.
"""


def page() -> str:
    """The page."""
    rows = [
        "| name | versions | shows itself | removes | a header from | headers | a body from | holds streams | cuts after | paths |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(_row(front) for front in FRONTS),
    ]
    return _HEAD + "\n".join(rows) + "\n" + _TAIL


def _row(front: Front) -> str:
    shows = ", ".join(dict.fromkeys(f"`{name}`" for name, _ in front.marks)) or "no"
    removes = [f"`{name}`" for name in sorted(front.removes)]
    removes += [f"`{name}` once it asks for a password" for name in sorted(front.signed_in)]
    removes += ["names with `_`"] * front.underscores
    head = f"{front.head:,} bytes: {front.refusal}" if front.head else "none"
    count = f"at most {front.count:,}" if front.count else "any number"
    body = f"{front.body:,} bytes: 413" if front.body else "none"
    seconds = f"{front.silent} s without a byte" if front.silent else "none"
    if front.total:
        seconds = f"{front.total} s in all"
    cells = (f"`{front.name}`", front.versions, shows, "; ".join(removes) or "nothing", head, count, body,
             front.holds or "no", seconds, front.paths)  # fmt: skip
    return f"| {' | '.join(cells)} |"


def write() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
