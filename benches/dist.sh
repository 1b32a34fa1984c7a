#!/bin/sh
# The program for distribution: profile `dist` (fat LTO, one codegen unit) for x86-64-v3 (AVX2, BMI2, FMA; Intel since
# 2013, AMD since 2015). It does not run on older processors; `cargo build --release` does. With --pgo the build is
# made twice, the second time by what the first was seen doing on the statements of benches/micro.rs; that needs the
# component llvm-tools (`rustup component add llvm-tools`).
#
#     sh benches/dist.sh [--pgo]
#
# The result is target/dist-v3/dist/bilim. A folder of its own keeps the default build's artefacts.
set -eu
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-target}/dist-v3"
flags="-C target-cpu=x86-64-v3"

build() {
    RUSTFLAGS="$flags $1" CARGO_TARGET_DIR="$target" cargo build --profile dist --bin bilim
}

if [ "${1:-}" = "--pgo" ]; then
    profile="$target/pgo"
    rm -rf "$profile"
    RUSTFLAGS="$flags -C profile-generate=$profile" CARGO_TARGET_DIR="$target/generate" \
        cargo bench --profile dist -p bilim-bench --bench micro --no-run
    micro=$(find "$target/generate" -path '*deps/micro-*' -type f -perm -u+x | head -n 1)
    for number in 0 1 2 3 4 5 6 7 8 9; do
        "$micro" "$number" "$target/generate/lake"
    done
    merge=$(find "$(rustc --print sysroot)" -name llvm-profdata -type f | head -n 1)
    "$merge" merge -o "$profile/merged.profdata" "$profile"
    build "-C profile-use=$profile/merged.profdata"
else
    build ""
fi
