#!/usr/bin/env bash
# Tests of the page in a headless browser: genesy-http/tests/browser/run.sh [--release]
#
# Needs node with npm, and chromium, which is installed by apt-get if it is absent. Packages, screenshots
# and figures come below target/browser. GENESY_HTTP names a program that is built already, FILES some of the
# files. GENESY_BROWSER_SLOWDOWN=6 makes pages so many times slower; GENESY_BROWSER_STRICT=1 makes times that
# are measured fail, which are only told otherwise.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../../.."

if ! command -v chromium >/dev/null; then
    apt-get update && apt-get install --yes --no-install-recommends chromium
fi
if [ -z "${GENESY_HTTP:-}" ]; then
    # The path is what cargo says, wherever its target directory is.
    GENESY_HTTP=$(cargo build --locked --package genesy-http --bin genesy-http --message-format json-render-diagnostics "$@" |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
fi
export GENESY_HTTP
[ -x "$GENESY_HTTP" ] || { echo "there is no program at '$GENESY_HTTP'" >&2; exit 1; }

work=$PWD/target/browser
mkdir -p "$work/screenshots"
cp "$here"/*.mjs "$here"/package*.json "$work"
cd "$work"
# Nothing but the registry of packages is asked: browsers are Debian's.
PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund
# One file after the other, since times are measured. There is time for a machine that is slow and busy.
timeout 2700 node --test --test-reporter=spec --test-concurrency=1 --test-timeout=600000 ${FILES:-./*.test.mjs}
