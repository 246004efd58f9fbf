// SPDX-License-Identifier: GPL-3.0-only

//! Who authors a block, and how blocks are bound to the slots of the relay chain.

// `impl_opaque_keys!` names it.
use alloc::vec::Vec;
use frame_support::traits::{ConstBool, ConstU64};
use sp_runtime::impl_opaque_keys;

use super::staking::MaxValidatorSet;
use crate::{
	Aura, AuraId, Runtime, BLOCK_PROCESSING_VELOCITY, RELAY_CHAIN_SLOT_DURATION_MILLIS,
	SLOT_DURATION, UNINCLUDED_SEGMENT_CAPACITY,
};

impl_opaque_keys! {
	/// The keys with which a validator signs on behalf of its stash.
	pub struct SessionKeys {
		/// Seals the blocks that it authors.
		pub aura: Aura,
	}
}

/// Admits one block per relay chain slot, in the slot that the relay chain is in.
pub type ConsensusHook = cumulus_pallet_aura_ext::FixedVelocityConsensusHook<
	Runtime,
	RELAY_CHAIN_SLOT_DURATION_MILLIS,
	BLOCK_PROCESSING_VELOCITY,
	UNINCLUDED_SEGMENT_CAPACITY,
>;

impl pallet_aura::Config for Runtime {
	type AuthorityId = AuraId;
	// Aura panics in the slot of a disabled validator. On a development node, which derives slots
	// from block numbers, it would do so forever.
	type DisabledValidators = ();
	// With fewer, a new set would be cut short.
	type MaxAuthorities = MaxValidatorSet;
	// The consensus hook limits the blocks per slot.
	type AllowMultipleBlocksPerSlot = ConstBool<true>;
	type SlotDuration = ConstU64<SLOT_DURATION>;
}

impl cumulus_pallet_aura_ext::Config for Runtime {}
