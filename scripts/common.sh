# Shared by demo and test; sourced. Goes to the checkout's top folder.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# How many compilers at once: BRAID_JOBS, else one a core as far as memory goes (1.5 GiB each).
job_count() {
  if [[ -n ${BRAID_JOBS:-} ]]; then
    [[ $BRAID_JOBS =~ ^[1-9][0-9]*$ ]] || fail "BRAID_JOBS: expected a number from 1, got '$BRAID_JOBS'"
    echo "$BRAID_JOBS"
    return
  fi
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo 2>/dev/null || true)
  memory=${memory:-$cores}
  ((memory >= 1)) || memory=1
  echo $((cores < memory ? cores : memory))
}

stage_table=""

# stage NAME COMMAND...: runs the command under a heading and keeps its time for show_stages.
stage() {
  local name=$1 begin=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  "$@"
  stage_table+=$(printf '%-12s %4d s' "$name" $((SECONDS - begin)))$'\n'
}

show_stages() {
  printf '\n%s%-12s %4d s\n' "$stage_table" "in all" "$SECONDS"
}
