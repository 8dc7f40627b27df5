#!/usr/bin/env bash
# Says where the binary is: the one that was given, or one built from the revision that was pinned.
set -euo pipefail

if [ -n "${BINARY:-}" ]; then
  [ -x "$BINARY" ] || { echo "lockkeeper: $BINARY is not an executable file" >&2; exit 2; }
else
  cargo build --quiet --release --locked --manifest-path "$GITHUB_ACTION_PATH/Cargo.toml"
  BINARY="${CARGO_TARGET_DIR:-$GITHUB_ACTION_PATH/target}/release/lockkeeper"
fi
echo "binary=$BINARY" >>"$GITHUB_OUTPUT"
