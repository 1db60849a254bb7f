#!/usr/bin/env bash
# Tries every operation of the API by a property-based client (schemathesis), against `serve --demo` on a
# free port with a temporary folder. Fails on a 5xx, on an answer that the document does not have, and
# on a document that is not valid OpenAPI 3.1.
#
# Needs python3 with venv and pip. Takes about as long as SCHEMATHESIS_SECONDS says, and a build.
#
# GENESY_HTTP            a program that is built already
# SCHEMATHESIS_SECONDS   how long requests are made up (120 by default)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly schemathesis=4.32.5
readonly validator=0.9.0
readonly seconds=${SCHEMATHESIS_SECONDS:-120}
readonly target=${CARGO_TARGET_DIR:-target}
readonly venv=$target/schemathesis-$schemathesis
# It begins by an answer that never ends.
readonly endless=/v1/events
readonly start_seconds_max=30

if [ ! -x "$venv/bin/st" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check \
        "schemathesis==$schemathesis" "openapi-spec-validator==$validator"
fi

if [ -z "${GENESY_HTTP:-}" ]; then
    cargo build --locked -p genesy-http
    GENESY_HTTP=$target/debug/genesy-http
fi

scratch=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT

# The limits of rate are tested elsewhere; here they would only take time.
cat >"$scratch/genesy.toml" <<'TOML'
[limits]
requests_per_s = 100000
requests_burst = 100000
TOML
: >"$scratch/out" # It is read before the server may have begun.
"$GENESY_HTTP" serve --demo --listen 127.0.0.1:0 --data "$scratch/data" \
    --config "$scratch/genesy.toml" >"$scratch/out" 2>"$scratch/log" &
server=$!
address=
for _ in $(seq $((start_seconds_max * 10))); do
    address=$(sed -n 's|^Open \(http://.*\)/$|\1|p' "$scratch/out")
    [ -z "$address" ] || break
    if ! kill -0 "$server" 2>/dev/null; then
        cat "$scratch/out" "$scratch/log"
        exit 1
    fi
    sleep 0.1
done
[ -n "$address" ] || { echo "the server does not begin" && exit 1; }

"$venv/bin/python" - "$address/openapi.json" <<'PYTHON'
import json, sys, urllib.request
from openapi_spec_validator import OpenAPIV31SpecValidator

document = json.load(urllib.request.urlopen(sys.argv[1]))
errors = list(OpenAPIV31SpecValidator(document).iter_errors())
for error in errors:
    print("the document is not valid:", "/".join(map(str, error.absolute_path)), error.message[:300])
print(len(document["paths"]), "paths described by OpenAPI", document["openapi"])
sys.exit(bool(errors))
PYTHON

# A post whose key was there before is answered as it was then, even if what it made is deleted since. The client
# takes such an answer for a thing that was just made, and asks for it; so where one request follows from
# another, no key comes twice. Elsewhere they do.
cat >"$scratch/hooks.py" <<'PYTHON'
import itertools

import schemathesis

count = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    key = (case.headers or {}).get("idempotency-key")
    if case.meta.phase.name.value == "stateful" and isinstance(key, str) and 0 < len(key) < 200:
        case.headers["idempotency-key"] = f"{key}.{next(count)}"
PYTHON

client=$(cd "$venv/bin" && pwd)/st
status=0
(
    cd "$scratch"
    SCHEMATHESIS_HOOKS=hooks.py "$client" --no-color run "$address/openapi.json" \
        --exclude-path "$endless" --mode all --max-time "$seconds" \
        --workers 2 --request-timeout 60 --continue-on-failure --generation-deterministic \
        --suppress-health-check all --warnings off \
        --exclude-checks positive_data_acceptance
) || status=$?
if grep -E '^[^ ]+ +ERROR' "$scratch/log" | head -20 | grep .; then
    echo "the server logged errors"
    status=1
fi
kill -0 "$server" || { echo "the server ended" && status=1; }
exit "$status"
