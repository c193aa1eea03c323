# shellcheck shell=bash
# Sourced by demo, install and test: what a fresh Debian needs before cargo can
# build. Nothing here runs by itself.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

# A package, or package=command where any copy of that command will do.
# shellcheck disable=SC2034 # read by the scripts that source this file
build_packages=(
    build-essential=cc pkg-config=pkg-config clang=clang libclang-dev
    libavcodec-dev libavformat-dev libavutil-dev libavfilter-dev
    libswscale-dev libswresample-dev
)

say() {
    printf '%s\n' "$*" >&2
}

# The machine's fault: the same exit code as portevoix's own.
give_up() {
    say "$@"
    exit 3
}

# `dpkg -s` also succeeds for a package that was removed but not purged.
is_installed() {
    local package=${1%%=*} command=
    [[ $1 == *=* ]] && command=${1#*=}
    if [[ -n $command ]] && command -v "$command" >/dev/null; then
        return 0
    fi
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]]
}

install_packages() {
    local wanted missing=() as_root=()
    for wanted in "$@"; do
        is_installed "$wanted" || missing+=("${wanted%%=*}")
    done
    if ((${#missing[@]} == 0)); then
        return 0
    fi
    if ! command -v apt-get >/dev/null; then
        give_up "This is not a Debian: install what these packages hold, then try again:" \
            "${missing[*]}"
    fi
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            give_up "Packages are missing, and there is neither root nor sudo here." \
                "As root, type: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "Installing ${missing[*]}"
    # An empty array counts as unset for older versions of bash.
    local apt=("${as_root[@]+"${as_root[@]}"}" env DEBIAN_FRONTEND=noninteractive apt-get)
    # Standard output belongs to whatever the script that calls us prints.
    "${apt[@]}" update -q >&2 ||
        say "The lists of packages could not be renewed; trying with the old ones."
    "${apt[@]}" install -q -y --no-install-recommends "${missing[@]}" >&2 ||
        give_up "apt-get could not install: ${missing[*]}"
}

# rustup's cargo fetches the version of rust-toolchain.toml by itself; Debian's
# own is older than the code.
check_cargo() {
    local wanted found
    wanted=$(sed -n 's/^channel *= *"\(.*\)".*/\1/p' "$root/rust-toolchain.toml")
    if [[ -x ${CARGO_HOME:-${HOME:-/root}/.cargo}/bin/cargo ]]; then
        PATH=${CARGO_HOME:-${HOME:-/root}/.cargo}/bin:$PATH
    fi
    local remedy="Install rustup (https://rustup.rs, or on Debian 13: apt install rustup), \
open a new terminal and try again; it fetches Rust $wanted by itself."
    command -v cargo >/dev/null || give_up "There is no cargo here. $remedy"
    found=$(cd -- "$root" && cargo --version | sed 's/^cargo \([0-9.]*\).*/\1/') ||
        give_up "cargo does not run. $remedy"
    if [[ $(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1) != "$wanted" ]]; then
        give_up "cargo $found ($(command -v cargo)) is too old for portevoix," \
            "which needs $wanted. $remedy"
    fi
}

# Prints the path of the program, wherever cargo was told to put it.
build_release() {
    local messages
    messages=$(cd -- "$root" &&
        cargo build --release --locked --message-format=json-render-diagnostics) || return
    sed -n 's/.*"executable":"\(.*\/portevoix\)".*/\1/p' <<<"$messages" | tail -n 1
}
