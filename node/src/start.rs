// SPDX-License-Identifier: GPL-3.0-only

//! What must be true before a node starts, told in one line where it is not.
//!
//! The libraries below replace a port that is taken by another one, or listen to nothing, without a word.
//! Whoever then asks at the port that they know talks to another chain. So each address is bound here,
//! for a moment and before anything else is done.

use crate::{chain_spec, commands, HoldfastCli};
use clap::{CommandFactory, FromArgMatches, Subcommand};
use polkadot_omni_node_lib::{
	chain_spec::{Extensions, LoadSpec},
	cli::{Cli, RelayChainCli},
};
use sc_cli::{CliConfiguration, DefaultConfigurationValues, Role, RunCmd, SubstrateCli};
use std::{
	ffi::OsString,
	io::ErrorKind,
	net::{IpAddr, SocketAddr, TcpListener, UdpSocket},
	path::Path,
};

/// The relay chains that this node has the specs of.
const RELAY_CHAINS: [&str; 5] = ["polkadot", "kusama", "paseo", "westend", "rococo"];

/// Whose the ports are that are given after `--`.
const RELAY: &str = " of the relay chain";

/// Checks what `args`, the program's name first, ask for. What is no start of a node, or makes no sense
/// to the parser, is left to the library.
pub fn check(args: impl IntoIterator<Item = OsString>) -> Result<(), String> {
	let Some(cli) = parse(args) else { return Ok(()) };
	let run = cli.run.normalize();
	let collates = is_authority(&run.base);
	let mut wanted = addresses::<()>(&run.base, "", !collates);
	if !is_alone(&cli) {
		let Some(relay) = parse_relay(&cli.relay_chain_args) else { return Ok(()) };
		check_relay_chain(&run.base, &relay)?;
		let embedded = cli.run.relay_chain_rpc_urls.is_empty();
		let webrtc = !collates && !is_authority(&relay);
		let theirs = addresses::<RelayChainCli<HoldfastCli>>(&relay, RELAY, webrtc);
		wanted.extend(theirs.into_iter().filter(|one| embedded || one.purpose == Purpose::P2p));
	}
	check_addresses(&wanted)
}

/// The arguments of a node that starts; nothing if they are wrong, or for a subcommand.
fn parse(args: impl IntoIterator<Item = OsString>) -> Option<Cli<HoldfastCli>> {
	// As the library does it.
	let command = Cli::<HoldfastCli>::command();
	let command = commands::Subcommands::augment_subcommands(command);
	let matches = Cli::<HoldfastCli>::setup_command(command).try_get_matches_from(args).ok()?;
	match matches.subcommand() {
		Some(_) => None,
		None => Cli::from_arg_matches(&matches).ok(),
	}
}

/// The arguments after `--`. Those that only a relay chain's node knows are passed over.
fn parse_relay(args: &[String]) -> Option<RunCmd> {
	let command = RunCmd::command().no_binary_name(true).ignore_errors(true);
	RunCmd::from_arg_matches(&command.try_get_matches_from(args).ok()?).ok()
}

/// Whether it is a development node, which needs no relay chain.
fn is_alone(cli: &Cli<HoldfastCli>) -> bool {
	cli.instant_seal || cli.dev_block_time.is_some() || cli.run.base.is_dev().unwrap_or(false)
}

fn is_authority(run: &RunCmd) -> bool {
	matches!(run.role(run.is_dev().unwrap_or(false)), Ok(Role::Authority))
}

/// Refuses a relay chain of which there is no spec. The library would name a feature of another program.
fn check_relay_chain(run: &RunCmd, relay: &RunCmd) -> Result<(), String> {
	let id = |run: &RunCmd| run.chain_id(run.is_dev().unwrap_or(false)).unwrap_or_default();
	let chain = id(run);
	let named = id(relay);
	let relay = if named.is_empty() {
		// What is wrong with the chain's own spec, the library says.
		let Ok(spec) = chain_spec::Loader.load_spec(&chain) else { return Ok(()) };
		match Extensions::try_get(&*spec) {
			Some(extensions) => extensions.relay_chain(),
			None => return Ok(()),
		}
	} else {
		named
	};
	if RELAY_CHAINS.contains(&relay.as_str()) || Path::new(&relay).is_file() {
		return Ok(());
	}
	Err(format!(
		"the chain '{chain}' needs the relay chain '{relay}', of which this node has no spec: give it a \
		 file with one, as in `--chain {chain} -- --chain FILE`, or start a chain that needs none with \
		 --dev"
	))
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Purpose {
	Rpc,
	P2p,
	Prometheus,
}

/// Where a node is going to listen.
#[derive(Clone, Debug)]
struct Address {
	purpose: Purpose,
	/// Of which node, after its name.
	whose: &'static str,
	at: SocketAddr,
	udp: bool,
}

/// Where a node listens with these arguments. `Defaults` are its ports if it was told none; `webrtc` is
/// whether it then takes the same port of UDP, too.
fn addresses<Defaults: DefaultConfigurationValues>(
	run: &RunCmd,
	whose: &'static str,
	webrtc: bool,
) -> Vec<Address> {
	let mut found = Vec::new();
	let mut add = |purpose, at, udp| found.push(Address { purpose, whose, at, udp });

	// Whoever describes endpoints in full says himself whether they may be replaced.
	let described = !run.rpc_params.experimental_rpc_endpoint.is_empty();
	let endpoints = run.rpc_addr(Defaults::rpc_listen_port()).ok().flatten();
	for endpoint in endpoints.unwrap_or_default() {
		if !(described && endpoint.retry_random_port) {
			add(Purpose::Rpc, endpoint.listen_addr, false);
		}
	}

	let network = &run.network_params;
	if network.listen_addr.is_empty() {
		let port = network.port.unwrap_or(Defaults::p2p_listen_port());
		for ip in ["::", "0.0.0.0"] {
			if let Ok(ip) = ip.parse::<IpAddr>() {
				add(Purpose::P2p, SocketAddr::new(ip, port), false);
				if webrtc {
					add(Purpose::P2p, SocketAddr::new(ip, port), true);
				}
			}
		}
	}
	for address in &network.listen_addr {
		if let Some((at, udp)) = socket_address(&address.to_string()) {
			add(Purpose::P2p, at, udp);
		}
	}

	let prometheus = &run.prometheus_params;
	let port = Defaults::prometheus_listen_port();
	if let Some(config) = prometheus.prometheus_config(port, String::new()) {
		add(Purpose::Prometheus, config.port, false);
	}
	found
}

/// The socket of a multiaddress such as `/ip4/127.0.0.1/tcp/30333/ws`, and whether it is UDP. Names are
/// not looked up.
fn socket_address(multiaddress: &str) -> Option<(SocketAddr, bool)> {
	let mut parts = multiaddress.split('/').skip(1);
	let ip = match parts.next()? {
		"ip4" | "ip6" => parts.next()?.parse().ok()?,
		_ => return None,
	};
	let udp = match parts.next()? {
		"tcp" => false,
		"udp" => true,
		_ => return None,
	};
	Some((SocketAddr::new(ip, parts.next()?.parse().ok()?), udp))
}

/// Binds each address for a moment.
fn check_addresses(addresses: &[Address]) -> Result<(), String> {
	for (index, one) in addresses.iter().enumerate() {
		let same = |other: &&Address| {
			let (ours, theirs) = (one.at.ip(), other.at.ip());
			let meet = ours == theirs || ours.is_unspecified() || theirs.is_unspecified();
			let twice = (one.purpose, one.whose) != (other.purpose, other.whose);
			twice && meet && one.at.port() == other.at.port() && one.udp == other.udp
		};
		// Zero is any free port.
		if let Some(other) = addresses[..index].iter().find(same).filter(|_| one.at.port() != 0) {
			return Err(format!(
				"{} is also {}: {}",
				other.describe(),
				one.describe_purpose(),
				one.advice()
			));
		}
		let bound = match one.udp {
			false => TcpListener::bind(one.at).map(drop),
			true => UdpSocket::bind(one.at).map(drop),
		};
		let Err(error) = bound else { continue };
		let why = match error.kind() {
			ErrorKind::AddrInUse => "is in use by another program".into(),
			ErrorKind::PermissionDenied => "is not open to this user".into(),
			// A machine without IPv6 has no such addresses, and needs none.
			ErrorKind::AddrNotAvailable if one.at.is_ipv4() => {
				format!("is of no use: this machine has no address {}", one.at.ip())
			},
			_ => continue,
		};
		return Err(format!("{} {why}: {}", one.describe(), one.advice()));
	}
	Ok(())
}

impl Address {
	fn describe_purpose(&self) -> String {
		let name = match self.purpose {
			Purpose::Rpc => "the RPC port",
			Purpose::P2p => "the peer-to-peer port",
			Purpose::Prometheus => "the Prometheus port",
		};
		format!("{name}{}", self.whose)
	}

	fn describe(&self) -> String {
		format!("{} {} (at {})", self.describe_purpose(), self.at.port(), self.at.ip())
	}

	fn advice(&self) -> String {
		let option = match self.purpose {
			Purpose::Rpc => "--rpc-port",
			Purpose::P2p => "--port",
			Purpose::Prometheus => "--prometheus-port",
		};
		let after = if self.whose.is_empty() { "" } else { ", after `--`" };
		format!("choose another one with {option}{after}")
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// A port that somebody listens to for as long as the listener lives.
	fn taken(ip: &str) -> (TcpListener, u16) {
		let listener = TcpListener::bind((ip, 0)).unwrap();
		let port = listener.local_addr().unwrap().port();
		(listener, port)
	}

	fn free() -> u16 {
		taken("0.0.0.0").1
	}

	fn start(args: &[&str]) -> Result<(), String> {
		check(std::iter::once("holdfast-node").chain(args.iter().copied()).map(OsString::from))
	}

	/// Starts a development node, on any free port for all that `args` do not say.
	fn dev(args: &[&str]) -> Result<(), String> {
		let mut all = vec!["--dev"];
		for (option, in_full) in [
			("--rpc-port", "--experimental-rpc-endpoint"),
			("--port", "--listen-addr"),
			("--prometheus-port", ""),
		] {
			// One excludes the other.
			if !args.contains(&option) && !args.contains(&in_full) {
				all.extend([option, "0"]);
			}
		}
		all.extend(args);
		start(&all)
	}

	#[test]
	fn free_ports_and_any_ports_will_do() {
		assert_eq!(dev(&[]), Ok(()));
		let port = free().to_string();
		assert_eq!(dev(&["--rpc-port", &port]), Ok(()));
	}

	#[test]
	fn a_port_that_is_taken_is_named_with_the_way_out() {
		for (option, name) in [
			("--rpc-port", "the RPC port"),
			("--port", "the peer-to-peer port"),
			("--prometheus-port", "the Prometheus port"),
		] {
			let (_listener, port) = taken("127.0.0.1");
			let port = port.to_string();
			let error = dev(&[option, &port]).unwrap_err();
			assert!(error.starts_with(&format!("{name} {port} ")), "{error}");
			assert!(error.contains("is in use by another program"), "{error}");
			assert!(error.ends_with(&format!("choose another one with {option}")), "{error}");
		}
	}

	#[test]
	fn addresses_that_are_given_in_full_are_checked() {
		let (_listener, port) = taken("127.0.0.1");
		let listen = format!("/ip4/127.0.0.1/tcp/{port}/ws");
		let error = dev(&["--listen-addr", &listen]).unwrap_err();
		assert!(error.contains(&port.to_string()), "{error}");
		let endpoint = format!("listen-addr=127.0.0.1:{port}");
		let error = dev(&["--experimental-rpc-endpoint", &endpoint]).unwrap_err();
		assert!(error.contains(&port.to_string()), "{error}");
		let endpoint = format!("listen-addr=127.0.0.1:{port},retry-random-port=true");
		assert_eq!(dev(&["--experimental-rpc-endpoint", &endpoint]), Ok(()));
	}

	#[test]
	fn a_socket_is_read_from_a_multiaddress() {
		let socket = |text: &str| Some(text.parse().unwrap());
		let tcp = |text| socket_address(text).filter(|(_, udp)| !udp).map(|(at, _)| at);
		assert_eq!(tcp("/ip4/10.0.0.1/tcp/30333"), socket("10.0.0.1:30333"));
		assert_eq!(tcp("/ip6/::1/tcp/30333/ws"), socket("[::1]:30333"));
		let udp = socket_address("/ip4/10.0.0.1/udp/30333/webrtc-direct");
		assert_eq!(udp, Some(("10.0.0.1:30333".parse().unwrap(), true)));
		assert_eq!(socket_address("/dns/example.org/tcp/30333"), None);
		assert_eq!(socket_address("/ip4/10.0.0.1"), None);
	}

	#[test]
	fn two_uses_of_a_port_are_refused() {
		let port = free().to_string();
		let error = dev(&["--rpc-port", &port, "--prometheus-port", &port]).unwrap_err();
		assert!(error.contains("also the Prometheus port"), "{error}");
	}

	#[test]
	fn the_ports_of_the_relay_chain_are_checked_too() {
		let (_listener, taken) = taken("127.0.0.1");
		let taken = taken.to_string();
		let with = |port: &str| {
			let ours = ["--chain", "local", "--rpc-port", "0", "--port", "0", "--no-prometheus"];
			let theirs = ["--", "--chain", "rococo", "--port", "0", "--no-prometheus"];
			start(&[&ours[..], &theirs[..], &["--rpc-port", port][..]].concat())
		};
		assert_eq!(with("0"), Ok(()));
		let error = with(&taken).unwrap_err();
		assert!(error.contains("the RPC port of the relay chain"), "{error}");
		assert!(error.ends_with("after `--`"), "{error}");
	}

	#[test]
	fn a_relay_chain_without_a_spec_is_named() {
		let error = start(&["--chain", "local"]).unwrap_err();
		assert!(error.contains("'local'") && error.contains("'rococo-local'"), "{error}");
		let error = start(&["--chain", "local", "--", "--chain", "nosuch"]).unwrap_err();
		assert!(error.contains("'nosuch'"), "{error}");
	}

	#[test]
	fn what_starts_no_node_is_left_alone() {
		let (_listener, port) = taken("127.0.0.1");
		let port = port.to_string();
		for args in [
			&["--version"][..],
			&["--nosuch"],
			&["build-spec", "--chain", "dev", "--rpc-port", &port],
			&["key", "generate"],
			&["production-chain-spec", "--genesis", "nosuch"],
		] {
			assert_eq!(start(args), Ok(()), "{args:?}");
		}
	}
}
