"""What changed between client versions: one row per behaviour, with the versions in which it holds.

A row names a behaviour of Claude Code that is true in some releases and not in others. ``core`` and ``rules`` ask
``holds("token-trimmed", version)`` and never compare versions themselves. To teach cgw a new release, add its
recordings (tests/atlas) and, if one of them disagrees, change or add a row here.

Both ends of a span are released versions that were measured and are adjacent in npm's list unless ``source`` says
otherwise: ``since`` is the first with the behaviour, ``until`` the last.
"""

from __future__ import annotations

from functools import cache

from claude_gw_cli.facts.newest import NEWEST
from claude_gw_cli.facts.overlay import InForce, Overlay
from claude_gw_cli.record import dataclass

__all__ = ["FACTS", "NEWEST", "Fact", "Span", "find", "first_version", "holds", "newest", "use", "version_key"]

ATLAS = "recordings in tests/atlas"
CLAIMS = "recordings in tests/atlas/claims.jsonl"
TURN2 = "recordings in tests/atlas/turn2.jsonl.gz"
BESIDES = "recordings in tests/atlas/besides.jsonl.gz"
SCHEMA = "measured: tests/atlas/settings_schema.py"
FOUND = "found by the differential tester: tests/atlas/found.jsonl"


@dataclass(frozen=True, slots=True)
class Span:
    """A range of releases, both ends included; an open end is ``None``."""

    since: str | None = None
    until: str | None = None

    def __contains__(self, version: object) -> bool:
        key = version_key(str(version))
        return (self.since is None or version_key(self.since) <= key) and (
            self.until is None or key <= version_key(self.until)
        )


@dataclass(frozen=True, slots=True)
class Fact:
    """One behaviour of the client, the releases that show it, and where that was seen."""

    id: str
    text: str
    spans: tuple[Span, ...]
    source: str = ATLAS


FACTS: tuple[Fact, ...] = (
    # -- which header carries what ------------------------------------------------------------------------------
    Fact(
        "token-in-proxy-authorization",
        "the token or the helper's key is also sent as Proxy-Authorization, over a custom header of that name",
        (Span(until="1.0.35"),),
        f"{ATLAS}: anth.tok, anth.help, vtx.tok (1.0.35 -> 1.0.37)",
    ),
    Fact(
        "any-credential-header-counts",
        "a non-empty Authorization or x-api-key header is enough, wherever it comes from (before: only the token's, "
        "or an x-api-key beside ANTHROPIC_API_KEY or a helper)",
        (Span(since="2.0.45"),),
        f"{ATLAS}: c2.anth.ch.auth-only, help.exit1 (2.0.44 -> 2.0.45)",
    ),
    Fact(
        "helper-not-awaited-beside-token",
        "with ANTHROPIC_AUTH_TOKEN set the helper is started but not awaited: x-api-key has it only if it is fast",
        (Span(since="2.1.77"),),
        f"{ATLAS}: raceb.tok+help.slow2 (2.1.76 -> 2.1.77)",
    ),
    Fact(
        "sigv4-beats-token",
        "Bedrock with AWS keys signs over any token, helper or custom Authorization (before, they replaced SigV4)",
        (Span(since="2.1.101"),),
        f"{ATLAS}: c2.bed.noskip.aws+tok (2.1.100 -> 2.1.101)",
    ),
    Fact(
        "bedrock-authorization-lost",
        "Bedrock sends no Authorization header but a signature: token, helper, bearer token and custom line are lost",
        (Span("2.1.94", "2.1.94"),),
        f"{CLAIMS} (2.1.92 -> 2.1.94 -> 2.1.96; 2.1.93 and 2.1.95 are not on npm)",
    ),
    Fact(
        "bedrock-token-suffices",
        "Bedrock without skip-auth and without AWS credentials sends ANTHROPIC_AUTH_TOKEN (else: no request)",
        (Span("2.1.94", "2.1.100"),),
        f"{FOUND} (2.1.92 -> 2.1.94, 2.1.100 -> 2.1.101)",
    ),
    Fact(
        "anthropic-aws-wants-region",
        "Claude Platform on AWS signs only where AWS_REGION says for which region",
        (Span(until="2.1.231"),),
        f"{FOUND} (2.1.231 -> 2.1.232)",
    ),
    Fact(
        "mantle-bearer",
        "Mantle sends AWS_BEARER_TOKEN_BEDROCK as Authorization (before: as x-api-key)",
        (Span(since="2.1.136"),),
        f"{FOUND} (2.1.126 -> 2.1.136; 2.1.129 between them sends it nowhere)",
    ),
    Fact(
        "mantle-bearer-alone",
        "Mantle with AWS_BEARER_TOKEN_BEDROCK sends no token beside it",
        (Span("2.1.124", "2.1.135"),),
        f"{FOUND} (2.1.123 -> 2.1.124)",
    ),
    Fact(
        "mantle-token-twice",
        "Mantle with skip-auth sends a token as x-api-key, too",
        (Span("2.1.101", "2.1.128"),),
        "measured with client 2.1.104; bisected (2.1.100 -> 2.1.101, 2.1.128 -> 2.1.129)",
    ),
    Fact(
        "skipped-bedrock-drops-empty-token",
        "Bedrock with skip-auth sends no empty Authorization header",
        (Span(since="2.1.94"),),
        f"{FOUND} (2.1.92 -> 2.1.94)",
    ),
    Fact(
        "aws-platforms-settled",
        "on Mantle and Claude Platform on AWS the platform's own credential goes before a token, a token of the "
        "latter is sent as x-api-key too, and wants a workspace",
        (Span(since="2.1.101"),),
        f"{FOUND} (2.1.100 -> 2.1.101)",
    ),
    Fact(
        "ascii-credentials",
        "a credential in the process environment must be ASCII; from settings it travels as UTF-8",
        (Span("2.1.113", "2.1.252"),),
        f"{TURN2}: lab.nonascii.noproxy, lab.na.user (2.1.112 -> 2.1.113, 2.1.252 -> 2.1.257)",
    ),
    Fact(
        "google-token-comes-late",
        "on Vertex a token or key that Google's token then replaces still has to be a valid header",
        (Span(until="2.1.284"),),
        f"{FOUND} (2.1.284 -> 2.1.285)",
    ),
    Fact(
        "empty-token-is-sent",
        "an empty ANTHROPIC_AUTH_TOKEN sends an empty Authorization header",
        (Span(until="2.1.133"),),
        f"{ATLAS}: val.tok.empty+key (2.1.133 -> 2.1.136)",
    ),
    Fact(
        "token-trimmed",
        "whitespace around ANTHROPIC_AUTH_TOKEN is removed, and only whitespace is unset",
        (Span(since="2.1.221"),),
        f"{ATLAS}: c2.val.tok.pad (2.1.220 -> 2.1.221)",
    ),
    Fact(
        "key-trimmed",
        "whitespace around ANTHROPIC_API_KEY is removed, and only whitespace is unset (before: sent as empty)",
        (Span(since="2.1.220"),),
        "measured with clients 2.1.136 and 2.1.220",
    ),
    Fact(
        "empty-key-is-sent",
        "an empty ANTHROPIC_API_KEY sends an empty x-api-key header to a cloud provider",
        (Span(until="2.1.128"),),
        f"{FOUND} (2.1.128 -> 2.1.129)",
    ),
    Fact(
        "empty-aws-api-key-is-sent",
        "Claude Platform on AWS gets an empty ANTHROPIC_AWS_API_KEY as an empty x-api-key, and nothing is signed",
        (Span(until="2.1.227"),),
        f"{FOUND} (2.1.227 -> 2.1.228)",
    ),
    Fact(
        "login-session",
        "a claude.ai session of /login is sent as Authorization where no other credential is set, to any base URL",
        (Span(since="0.2.90"),),
        f"{CLAIMS} (0.2.74 -> 0.2.90; releases between were not measured)",
    ),
    Fact(
        "base-url-userinfo",
        "a base URL may hold a user name and password (before: no request)",
        (Span(since="2.1.113"),),
        f"{CLAIMS} (2.1.112 -> 2.1.113, the first native build)",
    ),
    Fact(
        "base-url-user-alone",
        "a base URL may hold a user name without a password (before: no request, the host is not found)",
        (Span(since="2.1.280"),),
        f"{TURN2}: lab.user@ (2.1.278 -> 2.1.280)",
    ),
    Fact(
        "user-alone-reaches-proxy",
        "a user name without a password is part of the host's name: only an HTTP proxy takes such a request",
        (Span("2.1.113", "2.1.278"),),
        f"{FOUND} (2.1.112 -> 2.1.113, 2.1.278 -> 2.1.280); NO_PROXY does not exempt it",
    ),
    Fact(
        "caret-encoded",
        "a caret in the base URL's path is percent-encoded",
        (Span(since="2.1.113"),),
        "bisected with client starts (2.1.112 -> 2.1.113, the first native build)",
    ),
    Fact(
        "userinfo-is-sent",
        "a base URL's user name and password go out as Authorization: Basic, where that header is not sent otherwise",
        (Span(since="2.1.280"),),
        f"{CLAIMS} (2.1.278 -> 2.1.280)",
    ),
    Fact(
        "oauth-trimmed",
        "whitespace around CLAUDE_CODE_OAUTH_TOKEN is removed, and only whitespace is unset",
        (Span(since="2.1.220"),),
        "measured with clients 2.1.136 and 2.1.220",
    ),
    Fact(
        "aws-bearer-trimmed",
        "whitespace around AWS_BEARER_TOKEN_BEDROCK is removed, and only whitespace is unset",
        (Span(since="2.1.136"),),
        "measured with clients 2.1.133 and 2.1.136",
    ),
    Fact(
        "signed-bedrock-drops-key",
        "Bedrock without skip-auth does not send ANTHROPIC_API_KEY as x-api-key",
        (Span(since="2.1.207"),),
        f"{ATLAS}: c2.bed.noskip.aws+key (2.1.206 -> 2.1.207)",
    ),
    Fact(
        "skipped-bedrock-key-needs-authorization",
        "Bedrock with skip-auth sends ANTHROPIC_API_KEY as x-api-key only beside an Authorization header",
        (Span(since="2.1.228"),),
        f"{ATLAS}: bed.key (2.1.227 -> 2.1.228)",
    ),
    Fact(
        "google-token-drops-key",
        "Vertex with a Google token does not send ANTHROPIC_API_KEY as x-api-key",
        (Span(since="2.1.228"),),
        f"{ATLAS}: c2.vtx.gcp+key (2.1.227 -> 2.1.228)",
    ),
    Fact(
        "vertex-sends-key",
        "Vertex with skip-auth sends ANTHROPIC_API_KEY as x-api-key",
        (Span(since="0.2.126"),),
        f"{ATLAS}: vtx.key (absent in 0.2.109, there in 0.2.126; releases between were not recorded)",
    ),
    Fact(
        "foundry-key-drops-token",
        "ANTHROPIC_FOUNDRY_API_KEY suppresses ANTHROPIC_AUTH_TOKEN and the helper",
        (Span(since="2.1.257"),),
        f"{ATLAS}: c2.fnd.fkey+tok (2.1.252 -> 2.1.257)",
    ),
    Fact(
        "own-header-spelling",
        "a custom line replaces User-Agent and the like only in the client's own spelling (before: in any)",
        (Span(since="2.1.136"),),
        "measured with clients 2.1.104 and 2.1.332; bisected (2.1.133 -> 2.1.136)",
    ),
    Fact(
        "custom-headers-nameless",
        "a line of ANTHROPIC_CUSTOM_HEADERS without a name stops the client (before: ignored)",
        (Span(since="2.1.136"),),
        "measured with clients 2.1.133 and 2.1.136",
    ),
    Fact(
        "custom-headers-carriage-return",
        "a lone carriage return in ANTHROPIC_CUSTOM_HEADERS is part of the value (before: the line is ignored)",
        (Span(since="2.1.100"),),
        "measured with clients 2.1.76 and 2.1.100",
    ),
    Fact(
        "connection-lines-refused",
        "a custom line Content-Length, Transfer-Encoding, Keep-Alive, Upgrade or Expect stops the client, or another "
        "Connection than close or keep-alive",
        (Span(until="2.1.112"),),
        f"{FOUND} (2.1.112; 2.1.113 is the first native build)",
    ),
    Fact(
        "editor-key-approved",
        "started by the VS Code extension (CLAUDE_CODE_ENTRYPOINT=claude-vscode) the client uses ANTHROPIC_API_KEY "
        "only where it was approved, and else a login (before: as with -p)",
        (Span(since="1.0.124"),),
        "measured with clients 1.0.60, 1.0.94, 1.0.110, 1.0.123, 1.0.124, 1.0.126, 2.0.1, 2.1.100 and 2.1.332",
    ),
    Fact(
        "host-line-sent",
        "a custom line Host replaces the host in the request (before: it is not sent)",
        (Span(since="2.1.113"),),
        "measured with clients 2.1.112 and 2.1.332; 2.1.113 is the first native build",
    ),
    Fact(
        "not-logged-in",
        "without a credential the client says 'Not logged in' (before: 'Invalid API key')",
        (Span(since="2.1.100"),),
        f"{ATLAS}: c2.anth.none; measured with client 2.1.100",
    ),
    Fact(
        "aws-drops-empty-authorization",
        "on Bedrock, Mantle and Claude Platform on AWS an empty Authorization line does not travel",
        (Span(since="2.1.113"),),
        "measured with clients 2.0.45, 2.1.227 and 2.1.330",
    ),
    Fact(
        "http-proxy-credential",
        "the credential in HTTP_PROXY goes out as Proxy-Authorization on plain-http requests (before: on CONNECT)",
        (Span(since="2.1.113"),),
        f"{ATLAS}: proxy.userinfo+tok (2.1.330); 2.1.113 is the first native build, 1.0.60 tunnels plain http",
    ),
    # -- providers and flags ------------------------------------------------------------------------------------
    Fact(
        "flag-words",
        "a provider flag counts only when it says 1, true, yes or on (before: any text at all)",
        (Span(since="1.0.124"),),
        f"{ATLAS}: c2.flag.bed=0 (1.0.123 -> 1.0.124)",
    ),
    Fact(
        "skip-vertex-auth",
        "CLAUDE_CODE_SKIP_VERTEX_AUTH works",
        (Span(since="0.2.109"),),
        f"{ATLAS}: vtx.tok (0.2.100 -> 0.2.109)",
    ),
    Fact(
        "skip-bedrock-auth",
        "CLAUDE_CODE_SKIP_BEDROCK_AUTH works",
        (Span(since="0.2.125"),),
        f"{ATLAS}: bed.tok (0.2.120 -> 0.2.125)",
    ),
    Fact(
        "bedrock-bearer",
        "AWS_BEARER_TOKEN_BEDROCK is sent as Authorization, over every other credential, skip-auth or not",
        (Span(since="1.0.50"),),
        f"{ATLAS}: c2.bed.bearer+tok (1.0.48 -> 1.0.50)",
    ),
    Fact(
        "foundry",
        "Microsoft Foundry mode exists",
        (Span(since="2.0.45"),),
        f"{ATLAS}: c2.fnd.fkey+tok (2.0.44 -> 2.0.45)",
    ),
    Fact(
        "mantle",
        "Bedrock Mantle mode exists",
        (Span(since="2.1.94"),),
        "names that the released clients contain (2.1.92 -> 2.1.94)",
    ),
    Fact(
        "anthropic-aws",
        "Claude Platform on AWS mode exists",
        (Span(since="2.1.90"),),
        "names that the released clients contain (2.1.89 -> 2.1.90)",
    ),
    Fact(
        "oauth-token",
        "CLAUDE_CODE_OAUTH_TOKEN is honoured",
        (Span(since="1.0.44"),),
        "names that the released clients contain (1.0.43 -> 1.0.44); measured with 1.0.35 and 1.0.60",
    ),
    Fact(
        "managed-must-parse",
        "a managed settings file that is not a JSON object stops the client (before: it was ignored)",
        (Span(since="2.1.259"),),
        "changelog; measured with client 2.1.330",
    ),
    Fact(
        "forced-login",
        "managed forceLoginMethod or forceLoginOrgUUID stop a client that has a token, a key or a helper",
        (Span(since="2.1.146"),),
        f"{CLAIMS}: managed.forcelogin, managed.forceorg (2.1.145 -> 2.1.146)",
    ),
    Fact(
        "required-version",
        "managed requiredMinimumVersion and requiredMaximumVersion stop a client outside their range",
        (Span(since="2.1.163"),),
        f"{CLAIMS}: managed.minversion, managed.maxversion (2.1.162 -> 2.1.163)",
    ),
    Fact(
        "allowed-providers",
        "managed allowedProviders stop a client that would use another provider, or a gateway they do not pin",
        (Span(since="2.1.285"),),
        f"{CLAIMS}: allowed.nonsense (2.1.284 -> 2.1.285)",
    ),
    Fact(
        "foundry-token",
        "ANTHROPIC_FOUNDRY_AUTH_TOKEN is honoured, over the API key",
        (Span(since="2.1.203"),),
        "measured with clients 2.1.202 and 2.1.203",
    ),
    Fact(
        "bedrock-worlds",
        "the Bedrock inference profile follows the AWS region (before: always us)",
        (Span(since="2.1.105"),),
        f"{TURN2}: lab.bed.eu.default (2.1.104 -> 2.1.105)",
    ),
    Fact(
        "bedrock-region-prefix",
        "ANTHROPIC_BEDROCK_REGION_PREFIX replaces the first part of the Bedrock inference profile",
        (Span(since="2.1.224"),),
        f"{FOUND} (2.1.223 -> 2.1.224)",
    ),
    Fact(
        "aws-config-region",
        "without a variable the region in the AWS configuration file counts (before: us-east-1)",
        (Span(since="2.1.172"),),
        f"{TURN2}: lab.aws.region-config (2.1.170 -> 2.1.172)",
    ),
    Fact(
        "aws-region-trimmed",
        "AWS_REGION and AWS_DEFAULT_REGION are trimmed, and only whitespace is unset (before: global profiles)",
        (Span(since="2.1.172"),),
        f"{FOUND} (2.1.170 -> 2.1.172)",
    ),
    Fact(
        "vertex-multi-regions",
        "the Vertex regions eu and us have separate hosts (aiplatform.eu.rep.googleapis.com)",
        (Span(since="2.1.113"),),
        "bisected: the host in CONNECT at a proxy (2.1.112 -> 2.1.113, the first native build)",
    ),
    Fact(
        "google-project-asked",
        "a Google credential of the type external_account needs GOOGLE_CLOUD_PROJECT, or Google is asked for it",
        (Span(until="2.1.260"),),
        f"{TURN2}: lab.vtx.ea (2.1.260 -> 2.1.261)",
    ),
    Fact(
        "model-discovery",
        "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY asks the gateway for its models",
        (Span(since="2.1.129"),),
        "changelog; measured with clients 2.1.330 and 2.1.332",
    ),
    Fact(
        "cloud-model-probes",
        "Bedrock with the cloud's own credential is asked for one token of each model first",
        (Span(since="2.1.191"),),
        "measured with clients 2.1.190 (not yet), 2.1.200, 2.1.228, 2.1.290 and 2.1.332",
    ),
    Fact(
        "session-probes",
        "an interactive client on Vertex with skip-auth asks for one token of each model",
        (Span(since="2.1.104"),),
        "measured with clients 2.1.104, 2.1.200 and 2.1.332; older ones were not measured",
    ),
    Fact(
        "session-probes-carry-credential",
        "an interactive client on Bedrock with skip-auth sends its credential with the probes (before: none)",
        (Span(since="2.1.207"),),
        "measured with interactive clients (2.1.206 -> 2.1.207), 2.1.200 and 2.1.332",
    ),
    Fact(
        "vertex-model-probes",
        "Vertex and Mantle with the cloud's own credential are asked for one token of their models first",
        (Span(since="2.1.190"),),
        "measured with clients 2.1.113 (not yet), 2.1.190, 2.1.200, 2.1.228, 2.1.290 and 2.1.332",
    ),
    Fact(
        "bedrock-profiles-listed",
        "Bedrock is asked for its inference profiles at the start, behind the base URL",
        (Span(since="2.1.70"),),
        "measured with clients 2.0.60 (not), 2.1.70, 2.1.104, 2.1.112, 2.1.190 to 2.1.332",
    ),
    Fact(
        "bedrock-profiles-at-aws",
        "Bedrock without skip-auth is asked for its inference profiles at AWS itself, whatever the base URL",
        (Span("2.0.45", "2.0.60"),),
        "measured with clients 2.0.45 and 2.0.60: CONNECT bedrock.us-east-1.amazonaws.com at a proxy",
    ),
    Fact(
        "base-url-called-first",
        "a first-party start without a proxy asks HEAD of the base URL, without a credential",
        (Span("2.1.104", "2.1.210"),),
        f"{BESIDES} (2.1.70 -> 2.1.104, 2.1.210 -> 2.1.219; not the releases between)",
    ),
    Fact(
        "hello-called-first",
        "the HEAD of a first-party start goes to /api/hello below the base URL, whatever the variables say",
        (Span("2.1.211", "2.1.285"),),
        f"{BESIDES} (2.1.210 -> 2.1.219, 2.1.285 -> 2.1.290; not the releases between)",
    ),
    Fact(
        "hello-unless-quiet",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC prevents the HEAD of /api/hello",
        (Span(since="2.1.286"),),
        f"{BESIDES} (2.1.285 -> 2.1.290; not the releases between)",
    ),
    Fact(
        "small-model-first",
        "a start with -p asks the small model and the main model for something else before the prompt",
        (Span("2.0.45", "2.0.60"),),
        "measured with clients 1.0.60 (not), 2.0.45, 2.0.60 and 2.1.70 (not)",
    ),
    Fact(
        "bedrock-probes-carry-token",
        "Bedrock without skip-auth asks for its models with ANTHROPIC_AUTH_TOKEN, unsigned, before the prompt",
        (Span("2.1.191", "2.1.206"),),
        f"{TURN2}: lab.nocreds+tok (2.1.190 -> 2.1.191, 2.1.206 -> 2.1.207)",
    ),
    Fact(
        "gateway-provider",
        "CLAUDE_CODE_USE_GATEWAY selects a separate provider, where a token is set",
        (Span(since="2.1.195"),),
        "bisected beside CLAUDE_CODE_USE_BEDROCK (2.1.193 -> 2.1.195)",
    ),
    Fact(
        "google-cloud-provider",
        "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD selects a separate provider",
        (Span(since="2.1.213"),),
        "names in the catalog (2.1.212 -> 2.1.213); measured with clients 2.1.290 and 2.1.332",
    ),
    Fact(
        "google-cloud-wants-workspace",
        "Claude on Google Cloud with Google's credential stops without ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID",
        (Span("2.1.213", "2.1.306"),),
        f"{FOUND} (2.1.306 -> 2.1.307; the provider itself begins with 2.1.213)",
    ),
    Fact(
        "vertex-regions-checked",
        "a Vertex region is trimmed, and one that cannot be a region's name is ignored",
        (Span(since="2.1.113"),),
        "measured with clients 2.0.45 and 2.1.330",
    ),
    Fact(
        "root-slashes-collapse",
        "all slashes after a bare host are one (before: one is removed); 2.1.113 is the first native build",
        (Span(since="2.1.113"),),
        "measured with clients 2.0.45 and 2.1.330",
    ),
    Fact(
        "query-in-base-swallows-path",
        "a query in the base URL takes the path, percent-encoded, as part of its value (before: as it is)",
        (Span(since="2.1.100"),),
        "measured with clients 2.0.45 and 2.1.100",
    ),
    Fact(
        "query-keeps-messages-path",
        "behind a query in the base URL Bedrock and Vertex requests keep the path of Anthropic Messages",
        (Span(since="2.1.228"),),
        f"{FOUND} (2.1.227 -> 2.1.228)",
    ),
    Fact(
        "host-without-scheme",
        "a base URL such as localhost:4000 is read as http (before: no request)",
        (Span(since="2.1.113"),),
        "measured with clients 2.1.100 and 2.1.227",
    ),
    Fact(
        "skip-foundry-auth",
        "CLAUDE_CODE_SKIP_FOUNDRY_AUTH works with a token, a helper or nothing",
        (Span(since="2.1.203"),),
        f"{ATLAS}: c2.fnd.tok, c2.fnd.help, c2.fnd.none (2.1.202 -> 2.1.203)",
    ),
    Fact(
        "foundry-resource-checked",
        "a text in ANTHROPIC_FOUNDRY_RESOURCE that is not a name stops the client (before: it is put into the host)",
        (Span(since="2.1.284"),),
        "measured: 21 texts with 2.1.281 and 2.1.332; its words are in 2.1.284 and not in 2.1.283",
    ),
    Fact(
        "vertex-blank-location",
        "with CLAUDE_CODE_SKIP_VERTEX_AUTH the path has a space instead of the region",
        (Span("0.2.118", "0.2.126"),),
        f"{ATLAS}: vtx.tok (0.2.114 -> 0.2.118, repaired 0.2.126 -> 1.0.0)",
    ),
    Fact(
        "managed-by-host",
        "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST keeps settings, helpers and logins out of provider and credential",
        (Span(since="2.1.83"),),
        "measured with client 2.1.332; a token in user settings bisected (2.1.81 -> 2.1.83)",
    ),
    Fact(
        "unix-socket-hides-settings",
        "ANTHROPIC_UNIX_SOCKET in the process environment keeps tokens and keys of settings and a stored login out",
        (Span(since="2.1.73"),),
        "measured with client 2.1.332; bisected with a token in user settings (2.1.72 -> 2.1.73)",
    ),
    Fact(
        "scrub-needs-bubblewrap",
        "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB stops a client on Linux that finds no bubblewrap",
        (Span(since="2.1.98"),),
        "measured with client 2.1.332; bisected (2.1.97 -> 2.1.98)",
    ),
    Fact(
        "restricted-variable",
        "CLAUDE_CODE_RESTRICTED in the process environment acts as --restricted",
        (Span(since="2.1.248"),),
        f"{FOUND} (2.1.247 -> 2.1.248; the flag is as old)",
    ),
    Fact(
        "settings-base-url-lost",
        "with -p ANTHROPIC_BASE_URL of settings is not used: the request goes to api.anthropic.com",
        (Span("1.0.111", "1.0.112"),),
        "measured: 1.0.110 and 1.0.113 use it",
    ),
    # -- settings documents -------------------------------------------------------------------------------------
    Fact(
        "managed-drop-ins",
        "managed-settings.d is read",
        (Span(since="2.1.83"),),
        f"{FOUND} (2.1.81 -> 2.1.83)",
    ),
    Fact(
        "unnamed-user-env",
        "the env of the user settings is applied also where --setting-sources does not name user",
        (Span("2.1.53", "2.1.72"),),
        f"{FOUND} (2.1.52 -> 2.1.53, 2.1.72 -> 2.1.73)",
    ),
    Fact(
        "managed-above-flag",
        "managed settings win over --settings also beside --setting-sources (before: they lost there)",
        (Span(since="2.1.119"),),
        f"{FOUND} (2.1.118 -> 2.1.119)",
    ),
    Fact(
        "managed-loses-members",
        "a managed document loses only a member of the wrong type (before: it was dropped as a whole)",
        (Span(since="2.1.166"),),
        f"{FOUND} (2.1.165 -> 2.1.166)",
    ),
    Fact(
        "strict-settings",
        "a settings file with a key that the client does not know is dropped as a whole, also for $schema",
        (Span("1.0.50", "1.0.66"),),
        f"{FOUND} (1.0.48 -> 1.0.50, 1.0.66 -> 1.0.67); the keys are read from the clients",
    ),
    Fact(
        "byte-order-mark",
        "a settings file may begin with a byte order mark (before: the file was dropped)",
        (Span(since="2.0.69"),),
        f"{FOUND} (2.0.67 -> 2.0.69)",
    ),
    # -- the helper ---------------------------------------------------------------------------------------------
    Fact(
        "helper-in-claude-json",
        "apiKeyHelper in ~/.claude.json is honoured",
        (Span(until="1.0.35"), Span("1.0.111", "2.0.5")),
        f"{ATLAS}: c2.help.claudejson (1.0.35 -> 1.0.37, 1.0.110 -> 1.0.111, 2.0.5 -> 2.0.8)",
    ),
    Fact(
        "helper-only-in-settings",
        "apiKeyHelper in ~/.claude.json is not read, in this release and in all that follow",
        (Span(since="2.0.8"),),
        f"{ATLAS}: c2.help.claudejson (2.0.5 -> 2.0.8)",
    ),
    Fact(
        "claude-json-helper-first",
        "apiKeyHelper in ~/.claude.json beats the one in user settings (and loses to every other scope)",
        (Span(until="1.0.35"),),
        "measured with client 1.0.35",
    ),
    Fact(
        "claude-json-helper-beside-key",
        "apiKeyHelper in ~/.claude.json counts only beside ANTHROPIC_API_KEY: its output goes out as Authorization",
        (Span("1.0.37", "1.0.110"),),
        f"{FOUND} (1.0.37, 1.0.60, not 2.0.45; the edges are those of helper-in-claude-json)",
    ),
    Fact(
        "helper-exit-ignored",
        "what a helper prints counts even when it fails",
        (Span("1.0.68", "2.1.76"),),
        f"{FOUND} (1.0.67 -> 1.0.68, 2.1.76 -> 2.1.77)",
    ),
    Fact(
        "helper-output-checked",
        "helper output that is not one printable word is treated as a failing helper (before: a header error)",
        (Span(since="2.1.227"),),
        f"{ATLAS}: c2.help.multi (2.1.226 -> 2.1.227)",
    ),
    # -- models -------------------------------------------------------------------------------------------------
    Fact(
        "haiku-alias",
        "--model haiku is an alias (before: sent as it is)",
        (Span(since="1.0.64"),),
        f"{ATLAS}: c2.haiku+sfm (1.0.63 -> 1.0.64)",
    ),
    Fact(
        "best-alias",
        "--model best is an alias (before: sent as it is)",
        (Span(since="2.1.31"),),
        "measured with clients 2.0.60 and 2.1.70; bisected (2.1.30 -> 2.1.31)",
    ),
    Fact(
        "default-model-variables",
        "ANTHROPIC_DEFAULT_{OPUS,SONNET,HAIKU}_MODEL replace the model of an alias",
        (Span(since="1.0.114"),),
        f"{ATLAS}: c2.haiku+def (1.0.113 -> 1.0.114)",
    ),
    Fact(
        "context-suffix",
        "[1m] and the like at the end of a model's name are not sent",
        (Span(since="1.0.76"),),
        f"{FOUND} (1.0.73 -> 1.0.76)",
    ),
    Fact(
        "model-flag-default",
        "--model default is the client's own default (before: sent as a name)",
        (Span(since="1.0.110"),),
        f"{FOUND} (1.0.109 -> 1.0.110)",
    ),
    Fact(
        "broken-managed-drops-model",
        'a managed document that is not a JSON object makes the client ignore the key "model" of every scope',
        (Span("2.1.175", "2.1.258"),),
        f"{FOUND} (2.1.174 -> 2.1.175; from 2.1.259 on the client stops there)",
    ),
    Fact(
        "default-model-variable",
        "ANTHROPIC_DEFAULT_MODEL replaces the client's own default, also behind --model default",
        (Span(since="2.1.236"),),
        f"{FOUND} (2.1.235 -> 2.1.236)",
    ),
    Fact(
        "available-models",
        "a model outside availableModels is not sent: the client's own default is",
        (Span(since="2.1.40"),),
        f"{TURN2}: lab.avail.user.env-gw (2.1.39 -> 2.1.40)",
    ),
    Fact(
        "default-model-enforced",
        "enforceAvailableModels replaces a default that availableModels does not list by the first model it lists",
        (Span(since="2.1.175"),),
        "measured with client 2.1.332; bisected (2.1.174 -> 2.1.175)",
    ),
    Fact(
        "model-overrides",
        "modelOverrides replaces what a provider calls a model",
        (Span(since="2.1.73"),),
        f"{TURN2}: lab.ovr.anth (2.1.72 -> 2.1.73)",
    ),
    Fact(
        "full-names-translated",
        "Anthropic's full name of a model becomes the provider's on Bedrock, Vertex and Mantle (before: as it is)",
        (Span(since="2.1.200"),),
        f"{TURN2}: lab.name.mtl.h45, lab.name.vtx.s45 (2.1.199 -> 2.1.200)",
    ),
    Fact(
        "legacy-opus-remapped",
        "the names of Opus 4 and 4.1 are read as the alias opus, unless CLAUDE_CODE_DISABLE_LEGACY_MODEL_REMAP is on",
        (Span(since="2.1.64"),),
        f"{TURN2}: lab.name.anth.o41 (2.1.63 -> 2.1.64)",
    ),
    Fact(
        "mantle-default-replaced",
        "Mantle without skip-auth takes ANTHROPIC_DEFAULT_OPUS_MODEL for its default",
        (Span(since="2.1.207"),),
        f"{TURN2}: lab.mtl.bearer.opusvar (2.1.206 -> 2.1.207)",
    ),
    Fact(
        "opus-for-max",
        "the default of a claude.ai login with the plan max is Opus",
        (Span(until="1.0.128"), Span(since="2.0.51")),
        f"{CLAIMS}: claim.login.alone (1.0.128 -> 2.0.0, 2.0.50 -> 2.0.51)",
    ),
    Fact(
        "opus-for-other-plans",
        "the default of a claude.ai login with the plan pro, team or enterprise is Opus",
        (Span(since="2.1.280"),),
        "measured with client 2.1.332; pro bisected (2.1.278 -> 2.1.280)",
    ),
    Fact(
        "user-model-reset",
        'the first start with Anthropic Messages drops the key "model" of the user settings (other scopes keep it)',
        (Span("2.0.0", "2.1.37"),),
        f"{FOUND} (1.0.128 -> 2.0.0, 2.1.37 -> 2.1.38)",
    ),
    # -- the network ---------------------------------------------------------------------------------------------
    Fact(
        "no-proxy",
        "NO_PROXY keeps requests to the gateway off an HTTP proxy; before, a custom Proxy-Authorization breaks there",
        (Span(since="1.0.93"),),
        "measured with HTTPS_PROXY at a closed port and the gateway on 127.0.0.1 (1.0.92 -> 1.0.93)",
    ),
    Fact(
        "all-proxy",
        "all_proxy and ALL_PROXY name the proxy where no other variable does",
        (Span(since="2.1.280"),),
        "recordings in tests/atlas/proxies.jsonl",
    ),
    Fact(
        "unix-socket",
        "ANTHROPIC_UNIX_SOCKET takes first-party requests to a socket (before, its code asks for the runtime Bun)",
        (Span(since="2.1.113"),),
        "recordings in tests/atlas/proxies.jsonl",
    ),
    Fact(
        "proxy-wants-host",
        "a proxy's address must name a host (before, anything with a colon would do, HOST:PORT included)",
        (Span(since="2.1.203"),),
        f"{CLAIMS}: proxy.hostport (2.1.202 -> 2.1.203)",
    ),
    Fact(
        "proxy-host-and-port",
        "a proxy's address may be HOST:PORT without a scheme, an IP address included",
        (Span(since="2.1.327"),),
        f"{CLAIMS}: proxy.hostport, proxy.ipport (2.1.326 -> 2.1.327)",
    ),
    # -- behind gateways that validate requests, and model discovery ---------------------------------------------
    Fact(
        "patterns-in-tools",
        "tools with a pattern are refused by gateways that validate requests",
        (Span("2.1.265", "2.1.267"),),
        "changelog (2.1.265 -> 2.1.268)",
    ),
    Fact(
        "advisor-entry",
        "the advisor tool's entry is refused by gateways that validate requests",
        (Span("2.1.275", "2.1.275"),),
        "changelog (2.1.275 -> 2.1.276)",
    ),
    Fact(
        "login-beside-token",
        "the changelog of 2.1.153 says that the person's Anthropic login went to a gateway instead of its token",
        (Span("2.1.141", "2.1.152"),),
        "changelog; recordings of 2.1.150 do not show it: claim.login.token, claim.login.key",
    ),
    Fact(
        "discovery-with-helper",
        "model discovery runs also where a helper is the only credential",
        (Span(since="2.1.248"),),
        f"anthropics/claude-code#56675; {CLAIMS}: claim.disc.helper (2.1.240, 2.1.330)",
    ),
    Fact(
        "discovery-without-traffic",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC does not switch model discovery off",
        (Span(since="2.1.257"),),
        f"changelog; {CLAIMS}: claim.disc.token (2.1.250 -> 2.1.257)",
    ),
    Fact(
        "helper-again-on-403",
        "the client runs the helper again on 403 (before: on 401 only)",
        (Span(since="2.1.246"),),
        "anthropics/claude-code#43436; measured with client 2.1.330: help.403once",
    ),
    Fact(
        "hook-event-alone",
        "a hook event that is not an array is skipped alone (before: it cost the whole file)",
        (Span(since="2.1.228", until="2.1.252"),),
        f"{SCHEMA} (2.1.252 -> 2.1.257; since: 2.1.113 -> 2.1.228, not the releases between)",
    ),
    Fact(
        "hook-faults-alone",
        "a faulty hook is skipped alone, except in PreToolUse and PermissionRequest, where it costs the whole file",
        (Span(since="2.1.257"),),
        f"{SCHEMA} (2.1.252 -> 2.1.257)",
    ),
    # -- the command line ---------------------------------------------------------------------------------------
    Fact(
        "settings-flag",
        "--settings exists",
        (Span(since="1.0.61"),),
        "names that the released clients contain (1.0.60 -> 1.0.61)",
    ),
    Fact(
        "setting-sources-flag",
        "--setting-sources exists",
        (Span(since="1.0.126"),),
        "names that the released clients contain (1.0.124 -> 1.0.126)",
    ),
    Fact("bare-flag", "--bare exists", (Span(since="2.1.81"),), "names that the clients contain (2.1.80 -> 2.1.81)"),
    Fact(
        "restricted-flag",
        "--restricted exists",
        (Span(since="2.1.248"),),
        "names that the released clients contain (2.1.247 -> 2.1.248)",
    ),
    Fact(
        "output-format",
        "-p knows --output-format, with which scripts and the recorder run it",
        (Span(since="0.2.70"),),
        f"{ATLAS}: anth.tok in 0.2.56 and before; names that the released clients contain (0.2.64 -> 0.2.70)",
    ),
)

_BY_ID = {fact.id: fact for fact in FACTS}


def find(fact_id: str) -> Fact:
    """The row with this id; ``KeyError`` if there is none (a misspelt id is a bug)."""
    return InForce.rows.facts.get(fact_id) or _BY_ID[fact_id]


def first_version(fact_id: str) -> str | None:
    """The first release with the behaviour; ``None``: it was always there."""
    return find(fact_id).spans[0].since


@cache
def holds(fact_id: str, version: str) -> bool:
    """True when the behaviour is there in this client version."""
    return any(version in span for span in find(fact_id).spans)


def newest() -> str:
    """The newest release that the facts in force cover."""
    return InForce.rows.newest or NEWEST


def use(rows: Overlay) -> None:
    """Let these rows count before the packaged ones, in this process."""
    if rows != InForce.rows:
        InForce.rows = rows
        holds.cache_clear()


@cache
def version_key(version: str) -> tuple[int, ...]:
    """A version as numbers that compare: ``2.1.77`` -> ``(2, 1, 77)``; what is not a number ends it.

    Raises:
        ValueError: the text does not start with a number.
    """
    parts: list[int] = []
    for part in version.strip().split("-")[0].split("+")[0].split("."):
        if not part.isdigit():
            break
        parts.append(int(part))
    if not parts:
        raise ValueError(f"not a version: {version!r}")
    return tuple(parts)
