// SPDX-License-Identifier: Apache-2.0

//! What operators say of themselves, and the clusters that follow from what is attested of it.

use alloc::string::String;
use codec::Encode;
use frame_support::{traits::ConstU32, BoundedVec};
use holdfast_planner::{Dimension, DIMENSIONS};

/// A name of an operator, a region, a hosting provider or a client: lower case letters, digits,
/// points, hyphens and underscores.
pub type Label = BoundedVec<u8, ConstU32<32>>;

/// Whether `label` is not empty and has only the characters of a [`Label`].
pub fn is_label(label: &[u8]) -> bool {
	let allowed = |c: &u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_');
	!label.is_empty() && label.iter().all(allowed)
}

/// The number of a cluster: all that share a label share it, and all without an attested one are
/// [`UNATTESTED`].
pub type Cluster = u64;

/// The cluster of all that have no attested label.
pub const UNATTESTED: Cluster = 0;

/// The cluster of an attested label: 64 bits of its hash.
pub fn cluster_of(label: &Label) -> Cluster {
	cluster_of_hash(sp_io::hashing::blake2_256(label))
}

/// The identity under which an operator owes that was never attested: 64 bits of a hash of its account.
/// No label hashes to the same bytes, since a label has no capital letters.
pub(crate) fn cluster_of_account(account: &impl Encode) -> Cluster {
	cluster_of_hash(sp_io::hashing::blake2_256(&(b"ACCOUNT", account).encode()))
}

fn cluster_of_hash([a, b, c, d, e, f, g, h, ..]: [u8; 32]) -> Cluster {
	// Nobody else is among the unattested.
	Cluster::from_le_bytes([a, b, c, d, e, f, g, h]).max(1)
}

/// What an operator says of itself. It holds for all of its validators. An operator that runs some of
/// them elsewhere registers another account, with the same name.
#[frame_support::stored]
#[derive(Default)]
pub struct Profile {
	/// The name of the person or company that runs the validators.
	pub operator: Label,
	/// The region in which they run.
	pub region: Label,
	/// The provider that hosts them.
	pub provider: Label,
	/// The client software that they run.
	pub client: Label,
}

impl Profile {
	/// A profile of labels in plain text; `None` if one of them is no label.
	pub fn new(operator: &str, region: &str, provider: &str, client: &str) -> Option<Self> {
		let label = |text: &str| Label::try_from(String::from(text).into_bytes()).ok();
		let profile = Self {
			operator: label(operator)?,
			region: label(region)?,
			provider: label(provider)?,
			client: label(client)?,
		};
		profile.is_valid().then_some(profile)
	}

	/// The label of a dimension.
	pub fn label(&self, dimension: Dimension) -> &Label {
		match dimension {
			Dimension::Operator => &self.operator,
			Dimension::Region => &self.region,
			Dimension::Provider => &self.provider,
			Dimension::Client => &self.client,
		}
	}

	/// Whether all four fields are labels.
	pub fn is_valid(&self) -> bool {
		DIMENSIONS.iter().all(|dimension| is_label(self.label(*dimension)))
	}
}

/// The fields of a profile that a registrar has found to be true.
#[frame_support::stored]
#[derive(Copy, Default)]
pub struct Attested {
	/// Whether the name of the operator is true.
	pub operator: bool,
	/// Whether the region is true.
	pub region: bool,
	/// Whether the hosting provider is true.
	pub provider: bool,
	/// Whether the client software is true.
	pub client: bool,
}

impl Attested {
	/// All four fields are true.
	pub const ALL: Self = Self { operator: true, region: true, provider: true, client: true };

	/// Whether the label of a dimension is attested.
	pub fn has(&self, dimension: Dimension) -> bool {
		match dimension {
			Dimension::Operator => self.operator,
			Dimension::Region => self.region,
			Dimension::Provider => self.provider,
			Dimension::Client => self.client,
		}
	}

	/// What is still attested when the profile `old` becomes `new`.
	pub fn after(&self, old: &Profile, new: &Profile) -> Self {
		let kept = |dimension| self.has(dimension) && old.label(dimension) == new.label(dimension);
		Self {
			operator: kept(Dimension::Operator),
			region: kept(Dimension::Region),
			provider: kept(Dimension::Provider),
			client: kept(Dimension::Client),
		}
	}
}
