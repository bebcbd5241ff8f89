#!/bin/sh
# Usage: lint_contracts.sh LINTER FOLDER...    Each contract of the folders must pass without a fault or a warning.
linter=$1
shift
failed=0
for contract in $(find "$@" -name '*.odcs.yaml' | sort); do
    said=$("$linter" lint "$contract" 2>&1)
    case $said in
    *"Data contract is valid"*) ;;
    *) echo "$contract"; echo "$said"; failed=1 ;;
    esac
done
[ $failed -eq 0 ] && echo "The linter finds nothing in $(find "$@" -name '*.odcs.yaml' | wc -l) contracts."
exit $failed
