"""A simulated client for machines without Claude Code: it sends exactly what is predicted, to loopback only.

It shows that profile, plan and prediction fit together. That the real client does what is predicted is shown by
`cgw trace` and by the recordings, not here.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from claude_gw_cli.core.endpoint import exposure
from claude_gw_cli.core.predict.model import HelperRun, Prediction
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.snapshot import ClientArguments
from claude_gw_cli.world.client import Run
from claude_gw_cli.world.loopback.gateway import ANSWER
from claude_gw_cli.world.snapshot import take

_SECONDS = 20.0
_CLOUD_SIGNATURE = "a-signature-that-only-the-cloud-could-check"
"""In place of what a prediction cannot know: a signature, or a token that a cloud would give."""


def as_predicted(version: str, arguments: ClientArguments | None = None) -> Callable[[Mapping[str, str], Path], Run]:
    """A client start in the form of ``profile_run.Send``, behaving as this client version is predicted to."""

    def send(env: Mapping[str, str], folder: Path) -> Run:
        started = time.monotonic()
        snapshot = take(env, str(folder), client_version=version, arguments=arguments)
        prediction = predict(snapshot, helper_run=_run_helper(predict(snapshot), env, folder))
        if prediction.request is None:
            return Run(1, prediction.reason or "", "", time.monotonic() - started)
        try:
            status, said = _post(prediction)
        except OSError as error:
            return Run(1, f"{type(error).__name__}: {error}", "", time.monotonic() - started)
        # The gateway's frames are the real client's matter; here its word for "answered" is the status.
        return Run(0 if status == 200 else 1, ANSWER if status == 200 else said, "", time.monotonic() - started)

    return send


def _run_helper(prediction: Prediction, env: Mapping[str, str], folder: Path) -> HelperRun | None:
    helper = prediction.effective.helper
    if helper is None:
        return None
    done = subprocess.run(  # noqa: S602 - a shell, as the client does it: the string is a command line by definition
        helper.text,
        shell=True,
        env=dict(env),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return HelperRun(done.stdout, done.returncode)


def _post(prediction: Prediction) -> tuple[int, str]:
    request = prediction.request
    if request is None:
        raise ValueError("nothing is sent where the client would refuse")
    url = urlsplit(request.url)
    if exposure(url.hostname or "") != "none":
        return 0, f"the request would leave this machine: {url.hostname}"
    headers = {
        name: header.prefix + _CLOUD_SIGNATURE if (text := header.text()) is None else text
        for name, header in prediction.headers.items()
        if header.present
    }
    body = json.dumps({"model": request.model, "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}]})
    connection = http.client.HTTPConnection(url.netloc, timeout=_SECONDS)
    try:
        connection.request(request.method, url.path + (f"?{url.query}" if url.query else ""), body, headers)
        reply = connection.getresponse()
        return reply.status, reply.read().decode("utf-8", "replace")
    finally:
        connection.close()
