"""Why a client does not start -> the command that mends it, for each kind of reason that a prediction gives.

The rows are in refusals.txt. The reasons are the client's own words: ``core.predict``, ``core.arguments``,
``facts/providers.txt``, ``facts/starters.txt``. ``{profile}`` is the profile in use, ``{found}`` what the pattern's
group found.
"""

from __future__ import annotations

from claude_gw_cli.tables import table

NOT_LOGGED_IN = "Please run /login"
SIGN_IN = {
    "login": "claude auth login",
    "static": 'eval "$(cgw env --profile {profile})", or for one start: cgw run --profile {profile} -- claude',
}
"""``auth`` of a profile -> what gives a start its key; settings alone do it with a helper only."""
_MARK = "no profile: "
_ROWS = table("refusals")
STEPS = tuple(row for row in _ROWS if not row[0].startswith(_MARK))
"""(Pattern of the reason, what to do): the first that matches."""
WITHOUT_PROFILE = tuple((head.removeprefix(_MARK), step) for head, step in _ROWS if head.startswith(_MARK))
"""The same where there is no profile to change."""
