#!/usr/bin/env bash
# Two processes that differ in environment, working folder, heap contents and order of seeds, and in
# their addresses where the system randomizes them, print the same digests.
set -euo pipefail

readonly digest_main="$PWD/$1"
readonly mode=("${@:2}")
readonly out="${TEST_TMPDIR:-$(mktemp -d)}"
readonly seeds=(1 2 3 4 5 6 7 8 9 10 11 12)
readonly reversed=(12 11 10 9 8 7 6 5 4 3 2 1)

env -i MALLOC_PERTURB_=85 TZ=UTC LC_ALL=C \
  "$digest_main" "${mode[@]}" "${seeds[@]}" >"$out/one" 2>"$out/one.addresses"

mkdir -p "$out/elsewhere"
(cd "$out/elsewhere" &&
  env -i MALLOC_PERTURB_=170 MALLOC_ARENA_MAX=1 TZ=Asia/Shanghai LC_ALL=de_DE.UTF-8 \
    PADDING="$(printf 'x%.0s' {1..5000})" \
    "$digest_main" "${mode[@]}" "${reversed[@]}" >"$out/other" 2>"$out/other.addresses")

if ! diff <(sort -n "$out/one") <(sort -n "$out/other"); then
  echo "the same seeds gave other digests; compare the output of: $* --trace SEED" >&2
  exit 1
fi
if (($(wc -l <"$out/one") != ${#seeds[@]})); then
  echo "not every seed ran" >&2
  exit 1
fi
if (($(cut -d' ' -f2 "$out/one" | sort -u | wc -l) != ${#seeds[@]})); then
  echo "two seeds gave the same digest" >&2
  exit 1
fi
if cmp -s "$out/one.addresses" "$out/other.addresses"; then
  echo "the two processes had the same addresses: this run proves less than it should" >&2
  exit 1
fi
echo "equal digests of ${#seeds[@]} seeds at addresses of their own:"
cat "$out/one.addresses" "$out/other.addresses"
