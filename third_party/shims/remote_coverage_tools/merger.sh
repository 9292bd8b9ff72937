#!/usr/bin/env bash
# Runs merger.py, which stands beside the file this script is a link to.
exec python3 "$(dirname "$(readlink -f "$0")")/merger.py" "$@"
