#!/usr/bin/env bash
# Runs the gate and keeps its status for the last step, so that the SARIF can be uploaded in between.
# Every input comes through the environment; none is ever part of a command's text.
set -uo pipefail

arguments=(scan "$SCAN_PATH" --no-progress --report text=- --report "sarif=$SARIF")
summary=$(mktemp)
arguments+=(--report "json=$summary")
[ -n "${SCAN_RANGE:-}" ] && arguments+=("--range=$SCAN_RANGE")
[ -n "${FAIL_ON:-}" ] && arguments+=("--fail-on=$FAIL_ON")
[ -n "${ONLY:-}" ] && arguments+=("--only=$ONLY")
[ "${OFFLINE:-false}" = true ] && arguments+=(--offline)
while IFS= read -r source; do
  [ -n "$source" ] && arguments+=("--advisories=$source")
done <<<"${ADVISORIES:-}"

"$LOCKKEEPER" "${arguments[@]}"
status=$?

case $status in
  0) verdict=pass ;;
  1) verdict=block ;;
  *) verdict=error ;;
esac
findings=$(sed -n 's/^ *"blocking": *\([0-9][0-9]*\),\{0,1\}$/\1/p' "$summary" | head -n 1)
rm -f "$summary"
{
  echo "status=$status"
  echo "verdict=$verdict"
  echo "findings=${findings:-0}"
  echo "sarif=$SARIF"
} >>"$GITHUB_OUTPUT"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  echo "**lockkeeper: $verdict** (${findings:-0} blocking)" >>"$GITHUB_STEP_SUMMARY"
fi
exit 0
