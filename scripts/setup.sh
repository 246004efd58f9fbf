#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing to build and test Holdfast, on Debian or Ubuntu with rustup (or cargo):
# system packages, Node.js, the pinned Rust and its wasm32v1-none target. Quick when all is there.
#
#   HOLDFAST_WASM_FROM_DEBIAN=1   take the Wasm target from Debian's Rust packages at once, as is
#                                 done otherwise only where rustup cannot download it
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

target=wasm32v1-none
node_min=20

say() { echo "setup: $*"; }
die() {
	echo "setup: $*" >&2
	exit 1
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# --- System packages ---------------------------------------------------------------------------

# Those of the given packages that are not installed.
missing_packages() {
	local installed
	installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
	for package; do
		grep -qx "installed $package" <<<"$installed" || echo "$package"
	done
}

apt_update() {
	[ -z "${apt_updated:-}" ] || return 0
	apt_updated=1
	as_root apt-get update -qq || say "could not refresh the package lists; trying with those at hand"
}

# Installs the given packages that are missing. Never removes one.
install_packages() {
	local missing
	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
		die "neither root nor sudo; as root, run: apt-get install ${missing[*]}"
	say "installing ${missing[*]}"
	apt_update
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-remove \
		--no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
		"${missing[@]}" >/dev/null || die "apt-get could not install: ${missing[*]}"
}

system_packages() {
	if command -v apt-get >/dev/null; then
		# libclang and the C++ compiler are for RocksDB, protobuf for the network protocols.
		install_packages ca-certificates clang cmake g++ git libclang-dev libprotobuf-dev \
			libssl-dev make pkg-config protobuf-compiler
		return
	fi
	local tool missing=()
	for tool in c++ clang cmake git make pkg-config protoc; do
		command -v "$tool" >/dev/null || missing+=("$tool")
	done
	[ ${#missing[@]} = 0 ] || die "there is no apt-get here, and these are missing: ${missing[*]}.
Install by hand: a C++ compiler, clang with libclang's headers, cmake, git, make, pkg-config,
protobuf (protoc and its include files), OpenSSL's headers, Node.js $node_min or newer with npm."
}

# --- Node.js -----------------------------------------------------------------------------------

node_is_recent() {
	local version
	version=$(node --version 2>/dev/null) || return 1
	version=${version#v}
	[ "${version%%.*}" -ge "$node_min" ] && command -v npm >/dev/null
}

node_js() {
	! node_is_recent || return 0
	if ! command -v npm >/dev/null; then
		command -v apt-get >/dev/null || die "install Node.js $node_min or newer, with npm"
		install_packages nodejs npm
		hash -r
		! node_is_recent || return 0
	fi
	say "installing Node.js 22 beside the system's $(node --version), which is too old"
	npm install --silent --no-audit --no-fund --prefix "$holdfast_cache/node" node@22 npm@10 >/dev/null ||
		die "npm could not install Node.js 22; install Node.js $node_min or newer, with npm"
	source scripts/env.sh
	node_is_recent || die "Node.js in $holdfast_cache/node does not run; install $node_min or newer"
}

# --- Rust --------------------------------------------------------------------------------------

rust() {
	if [ -z "$holdfast_sysroot" ]; then
		command -v rustup >/dev/null || die "Rust is missing; install rustup: https://rustup.rs"
		say "installing the Rust of rust-toolchain.toml"
		local pinned
		pinned=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
		timeout 900 rustup --quiet toolchain install "$pinned" --profile minimal \
			--component rustfmt,clippy || die "rustup could not install Rust $pinned"
		source scripts/env.sh
	fi
	local component
	for component in fmt clippy; do
		[ ! -x "$holdfast_sysroot/bin/cargo-$component" ] || continue
		say "installing cargo $component"
		timeout 300 rustup --quiet component add "${component/fmt/rustfmt}" 2>/dev/null ||
			say "no cargo $component to be had without rustup's help: only make test needs it"
	done
}

# --- The Wasm target ---------------------------------------------------------------------------

wasm_target() {
	if [ "${HOLDFAST_WASM_FROM_DEBIAN:-}" != 1 ]; then
		! holdfast_has_wasm "$holdfast_sysroot" || [ "$holdfast_sysroot" = /usr ] || return 0
		if command -v rustup >/dev/null && [ "${WASM_BUILD_TOOLCHAIN:-}" != holdfast-wasm ]; then
			say "installing the Rust target $target"
			timeout 120 rustup --quiet target add "$target" 2>/dev/null || true
			! holdfast_has_wasm "$holdfast_sysroot" || return 0
			say "rustup cannot download it here; building it with Debian's Rust instead"
		fi
	fi
	wasm_from_debian
}

# What tells one compiler from another: code of one cannot be linked with the other's.
debian_rustc() { /usr/bin/rustc -vV 2>/dev/null; }

# Whether Debian's compiler, cargo and library source are there and new enough.
debian_rust_is_usable() {
	local version
	version=$(debian_rustc | sed -n 's/^release: \([0-9.]*\).*/\1/p')
	[ -n "$version" ] && [ -x /usr/bin/cargo ] && [ -d /usr/lib/rustlib/src/rust/library/core ] &&
		dpkg --compare-versions "$version" ge "$rust_min"
}

# Debian has newer Rust as `rustc-web` (it is built for browsers), next to the release's `rustc`.
install_debian_rust() {
	local name candidate found=
	apt_update
	for name in -web ''; do
		candidate=$(apt-cache policy "rustc$name" | sed -n 's/^ *Candidate: //p')
		[ -n "$candidate" ] || candidate='(none)'
		if [ "$candidate" != '(none)' ] && dpkg --compare-versions "$candidate" ge "$rust_min"; then
			install_packages "rustc$name" "cargo$name" "rust$name-src"
			return
		fi
		found+=" rustc$name $candidate;"
	done
	die "found no way to the Rust target $target. Tried:
- rustup target add $target, for the Rust of rust-toolchain.toml: failed
- Debian's Rust with source, $rust_min or newer: apt offers$found too old
Let rustup download, or add the release's security repository to apt, then run this again."
}

# Builds core and alloc for Wasm from Debian's library source, and makes /usr a rustup toolchain.
wasm_from_debian() {
	local lib=/usr/lib/rustlib/$target stamp=/usr/lib/rustlib/$target/built-by
	if dpkg-query -S "$lib" >/dev/null 2>&1; then
		: # Debian has the target itself.
	elif [ ! -s "$stamp" ] || [ "$(cat "$stamp")" != "$(debian_rustc)" ]; then
		command -v apt-get >/dev/null ||
			die "rustup cannot download $target, and this is not Debian: install it by hand"
		rust_min=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' Cargo.toml)
		debian_rust_is_usable || install_debian_rust
		debian_rust_is_usable || die "Debian's Rust in /usr is not complete, or older than $rust_min"
		build_wasm_library
		as_root rm -rf "$lib"
		as_root install -D -m 644 -t "$lib/lib" "$wasm_library"/lib{core,alloc,compiler_builtins}-*.rlib
		debian_rustc | as_root tee "$stamp" >/dev/null
	fi
	if ! command -v rust-lld >/dev/null; then
		local llvm
		llvm=$(debian_rustc | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
		install_packages "lld-$llvm"
		as_root ln -sf "/usr/lib/llvm-$llvm/bin/lld" /usr/local/bin/rust-lld
	fi
	! command -v rustup >/dev/null || [ "${WASM_BUILD_TOOLCHAIN:-}" = holdfast-wasm ] ||
		rustup --quiet toolchain link holdfast-wasm /usr
}

# The result is the same wherever it is built, so code compiled against it elsewhere stays valid.
build_wasm_library() {
	local version crate
	version=$(/usr/bin/rustc --version | cut -d' ' -f2)
	crate=$CARGO_TARGET_DIR/wasm-library-$version
	wasm_library=$crate/target/$target/release/deps
	say "building core and alloc $version for $target"
	if [ ! -e "$crate/Cargo.toml" ]; then
		mkdir -p "$crate/src"
		echo '#![no_std]' >"$crate/src/lib.rs"
		printf '[package]\nname = "empty"\nedition = "2021"\n\n[workspace]\n' >"$crate/Cargo.toml"
	fi
	# The runtime is optimised at link time, which needs the bitcode.
	(
		cd "$crate" &&
			env -u CARGO_ENCODED_RUSTFLAGS -u RUSTC -u RUSTC_WRAPPER PATH=/usr/bin:/bin \
				RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR="$crate/target" \
				/usr/bin/cargo build --quiet --release -Zbuild-std=core,alloc --target "$target"
	) || die "could not build core and alloc for $target with Debian's Rust $version"
}

system_packages
node_js
rust
wasm_target
