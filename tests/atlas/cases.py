"""The case matrix for a new client release: every row of ``facts`` that a start with ``-p`` can show, once.

``lab.`` cases are in turn2.jsonl.gz: models, regions, logins, addresses.

A case is a name in the atlas; its configuration is the newest recording's. To measure something new, record it once
(``cgw trace --record``, or a line in found.jsonl) and add its name here.
"""

from __future__ import annotations

NAMES = (
    "anth.key", "anth.tok", "anth.help", "anth.key+tok", "anth.key+help", "anth.tok+help", "anth.key+tok+help",
    "anth.base/", "anth.base/v1/", "anth.base.nosc", "anth.base.space", "anth.ch.auth-only", "anth.ch.auth+tok",
    "anth.ch.auth+help", "anth.ch.auth+key", "anth.ch.xapikey+help", "anth.ch.proxyauth+tok",
    "anth.ch.only-xlitellm", "anth.ch.multi", "anth.ch.crlf", "anth.ch.emptyval", "anth.ch.nocolon", "anth.ch.json",
    "anth.ch.nonascii", "bed.none", "bed.key", "bed.tok", "bed.help", "bed.key+tok", "bed.key+help", "bed.tok+help",
    "bed.bearer", "bed.bearer+tok", "bed.ch.auth-only", "bed.ch.auth+tok", "bed.noskip.aws+tok",
    "bed.noskip.aws+key", "bed.noskip.bearer+tok", "bed.noskip.nocreds", "bed.base/bedrock", "vtx.none", "vtx.key",
    "vtx.tok", "vtx.help", "vtx.key+tok", "vtx.ch.auth-only", "vtx.gcp.ea+tok", "vtx.gcp.ea+key",
    "vtx.gcp.ea+ch.pa", "vtx.noproject", "vtx.noregion", "vtx.base/v1", "fnd.skip.none", "fnd.skip.tok",
    "fnd.skip.help", "fnd.skip.fkey+tok", "fnd.noskip.fkey+tok", "fnd.noskip.ftok+fkey", "fnd.resource+base",
    "x.mantle.bearer+tok", "x.mantle.help", "x.mantle.key", "x.ant-aws.key+tok", "x.ant-aws.help", "both.all3",
    "both.vtx+fnd", "flag.bed='0'", "flag.bed='2'", "flag.bed=' 1'", "flag.skipbed='0'", "help.exit1",
    "help.exit1+key", "c2.help.multi", "help.json", "help.user+managed", "c2.help.claudejson", "help.local",
    "scope.tok.all", "scope.tok.user+project", "scope.tok.proc+user", "scope.tok.managed+managed_d",
    "blank.tok.user-empty-over-proc", "l4.configdir", "l4.env.null", "l4.invalid.bom", "l4.invalid.comments",
    "l4.invalid.other-field", "l4.invalid.unknown-field", "bare.tok", "bare.help-user", "bare.help-flag",
    "restricted.help-user", "restricted.tok", "ss-none.help-user", "ss-project.tok", "oat", "oat+key", "oat+tok",
    "val.tok.empty", "val.key.empty+tok", "val.tok.inner-nl", "val.tok.nonascii", "c2.val.tok.pad",
    "model.anth.default", "model.anth.alias-haiku", "model.anth.alias-opus", "model.anth.alias-sonnet",
    "model.anth.env+settings.model", "model.anth.default+allDEFAULTs", "model.bed.default", "model.bed.alias-haiku",
    "model.vtx.default", "model.vtx.alias-sonnet", "model.fnd.default", "model.fnd.alias-haiku",
    "lab.alias.anth.none", "lab.alias.aws.fable", "lab.alias.bed.fable", "lab.alias.bed.opus", "lab.alias.bed.sonnet",
    "lab.alias.mtl.fable", "lab.alias.mtl.sonnet", "lab.alias.vtx.haiku", "lab.alias.vtx.opus", "lab.avail.default",
    "lab.avail.exact", "lab.avail.key-gw", "lab.avail.user.env-gw", "lab.aws.default-file", "lab.aws.profile-missing",
    "lab.aws.profile-missing+keys", "lab.aws.region-config", "lab.base.%2e", "lab.base.//p", "lab.base./p\\q",
    "lab.base.?", "lab.base.at2", "lab.bed.eu.default", "lab.defmodel.default", "lab.extra.bed", "lab.extra.model",
    "lab.extra.vtx", "lab.fable.anth", "lab.map.bed.flag1m", "lab.map.bed.opusvar", "lab.map.bed.prefix",
    "lab.map.bed.upper", "lab.mtl.bearer.opusvar", "lab.name.anth.o41", "lab.name.bed.s45", "lab.name.mtl.h45",
    "lab.name.vtx.s45", "lab.nonascii.key", "lab.oat.project+login", "lab.ovr.anth.default", "lab.ovr.bed.full",
    "lab.ovr.fnd.default", "lab.ovr.vtx.default", "lab.prefix.'EU'", "lab.primary", "lab.primary+login",
    "lab.primary+tok", "lab.remap.key", "lab.user@", "lab.vregion.ml.'US-EAST5'", "lab.vtx.ea",
)  # fmt: skip
