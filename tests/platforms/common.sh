# What the scripts of this folder share: where they keep things, how they get what they need, how they count. Sourced, not run.
#
# What is downloaded or published lies in NATIVEHEAP_PLATFORMS_CACHE (default: nativeheap-platforms in the user's cache directory) and is used again;
# published programs are made anew each time. Packages come from the system's own sources, on Debian and its like; installing them wants root, or sudo
# without a password. Where something cannot be had, a script ends with one line that says what and a non-zero exit code.
#
# QEMU and Wine keep a record for each page of address space that a program reserves, so that what costs nothing elsewhere costs gigabytes: programs under them run
# with a limit on their addresses, and the tests that ask for tens of terabytes are refused them, which is what they want to see in the end.
#
# Each script ends with a line `N passed, N failed`, and fails if anything failed or nothing ran. Tests that cannot work on a platform are skipped by
# themselves, each with its reason in the output, and counted in a line of their own.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${NATIVEHEAP_PLATFORMS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nativeheap-platforms}
mkdir -p "$cache"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

# --quick is a part of it in a few minutes, with the tests at their short length.
quick=
case "${1:-}" in
    '') ;;
    --quick)
        quick=1
        export NATIVEHEAP_LONG_TESTS=0
        ;;
    *)
        echo "$(basename "$0"): unknown argument $1; there is --quick." >&2
        exit 2
        ;;
esac

passed=0
failed=0
skipped=0

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# need COMMAND PACKAGE...: installs the packages if there is no such command.
need() {
    local command=$1 as=()
    shift
    command -v "$command" > /dev/null && return
    [ "$(id -u)" -eq 0 ] || as=(sudo -n)
    echo "Installing $*."
    {
        "${as[@]}" apt-get update -qq &&
            "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
    } > "$cache/install.log" 2>&1 || fail "there is no $command, and apt-get could not install $*: see $cache/install.log."
    command -v "$command" > /dev/null || fail "there is no $command even after apt-get has installed $*."
}

# The libraries that a .NET program for Linux on arm64 wants, unpacked into $sysroot; the system's own packages stay as they are.
need_arm64_sysroot() {
    sysroot=$cache/sysroot-arm64
    [ -e "$sysroot/.complete" ] && return
    local apt=$cache/apt-arm64 options package
    echo "Downloading libraries for arm64."
    rm -rf "$sysroot" "$apt"
    mkdir -p "$sysroot" "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/packages"
    touch "$apt/status"
    options=(-qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Sandbox::User=
        -o "Dir::State::status=$apt/status" -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache")
    {
        apt-get "${options[@]}" update &&
            (cd "$apt/packages" && apt-get "${options[@]}" download libc6 libgcc-s1 libstdc++6 zlib1g libssl3)
    } > "$cache/install.log" 2>&1 || fail "the libraries for arm64 could not be downloaded from the system's package sources: see $cache/install.log."
    for package in "$apt"/packages/*.deb; do
        dpkg -x "$package" "$sysroot"
    done
    rm -rf "$apt"
    touch "$sysroot/.complete"
}

# Sets $emulator to what runs programs for Linux on arm64, which then find their libraries through QEMU_LD_PREFIX.
need_arm64() {
    need qemu-aarch64-static qemu-user-static
    need_arm64_sysroot
    emulator=$(command -v qemu-aarch64-static)
    export QEMU_LD_PREFIX=$sysroot NATIVEHEAP_EMULATOR=$emulator
}

# What the tests of the generator compile against, which a program published with its runtime does not have beside it.
sdk=$(dirname "$(readlink -f "$(command -v dotnet || fail "there is no dotnet command.")")")
export NATIVEHEAP_REFERENCE_PACKS=$sdk/packs/Microsoft.NETCore.App.Ref

# How programs run under QEMU. The collector of .NET reserves 256 GiB of addresses unless its heap has a limit. W^X maps code twice, and QEMU
# before 8.1 does not see what is written through the other mapping, so it would run the code that was there before.
under_qemu=(env NATIVEHEAP_TESTS_UNDER=qemu DOTNET_GCHeapHardLimit=0x20000000 DOTNET_EnableWriteXorExecute=0 prlimit --core=0 --as=400000000000)

# publish PROJECT RID [OPTION...]: publishes a project of tests/, with the runtime, into $published.
publish() {
    local project=$1 rid=$2
    shift 2
    published=$cache/publish/$project-$rid
    rm -rf "$published"
    echo "Publishing $project for $rid."
    dotnet publish "$root/tests/$project" -c Release -r "$rid" --self-contained -o "$published" "$@" > "$cache/publish.log" 2>&1 ||
        { grep -E 'error' "$cache/publish.log" | sort -u >&2; fail "$project could not be published for $rid: see $cache/publish.log."; }
}

# run NAME COMMAND...: runs a program that counts its tests, as xunit or as NativeHeap.SelfCheck does, and adds to the counts.
run() {
    local name=$1 log=$cache/run.log status=0 total bad out
    shift
    echo "== $name"
    timeout --kill-after=10 "${limit:-1800}" "$@" 2>&1 | tee "$log" || status=$?
    out=$(grep -aoP 'Total: \d+, Errors: \d+, Failed: \d+, Skipped: \d+, Not Run: \d+' "$log" | tail -n 1 | tr -cd '0-9,' || true)
    if [ -n "$out" ]; then
        local errors faults left
        IFS=, read -r total errors faults left _ <<< "$out"
        bad=$((errors + faults))
        skipped=$((skipped + left))
        total=$((total - left))
    else
        total=$(grep -aoP '^\d+(?= passed, )' "$log" | tail -n 1 || true)
        bad=$(grep -aoP '(?<= passed, )\d+(?= failed)' "$log" | tail -n 1 || true)
        out=$(grep -aoP '^\d+(?= skipped)' "$log" | tail -n 1 || true)
        skipped=$((skipped + ${out:-0}))
        total=$((${total:-0} + ${bad:-0}))
    fi
    # A program that fails without a failed test, or runs none, is a failure of its own.
    if [ "$total" -eq 0 ] || { [ "$status" -ne 0 ] && [ "${bad:-0}" -eq 0 ]; }; then
        echo "FAILED: $name ended with $status after $total tests."
        failed=$((failed + 1))
    fi
    passed=$((passed + total - ${bad:-0}))
    failed=$((failed + ${bad:-0}))
}

# The last word of a script.
finish() {
    [ "$skipped" -eq 0 ] || echo "$skipped skipped, for the reasons given above"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
