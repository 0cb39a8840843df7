# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Shared by the scripts, which source it. It changes to the tree's root.

set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck disable=SC2034 # used by the scripts that source this
TREE=$PWD

# The kernels that the project is built for and tested on.
# shellcheck disable=SC2034
KERNELS=(6.1 6.12)

me=${0#"$TREE"/} me=${me#./}

# die MESSAGE [STATUS]: print the cause in one line and exit
die()
{
	printf '%s: %s\n' "$me" "$1" >&2
	exit "${2:-1}"
}

if [[ -t 1 && ${TERM:-dumb} != dumb && -z ${NO_COLOR:-} ]]; then
	bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m'
else
	bold='' red='' green='' yellow='' plain=''
fi
: "$bold$red$green$yellow$plain"

# step VERB OBJECT...: print a progress line
step()
{
	local verb=$1
	shift
	printf '  %-8s %s\n' "$verb" "$*"
}

# one PATTERN: print the first file that matches; fail if there is none
one()
{
	[[ -e $1 ]] && printf '%s\n' "$1"
}

# kernel_image KERNEL, kernel_headers KERNEL: print where scripts/setup unpacked them
kernel_image()
{
	one "$TREE/build/kernels/$1"/boot/vmlinuz-*
}

kernel_headers()
{
	one "$TREE/build/kernels/$1"/usr/src/linux-headers-*-amd64
}
