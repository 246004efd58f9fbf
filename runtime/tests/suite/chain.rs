// SPDX-License-Identifier: GPL-3.0-only

//! A chain of real blocks, from the `development` preset, with the inherents that a collator makes.

use codec::Encode;
use cumulus_client_parachain_inherent::MockValidationDataInherentDataProvider;
use frame_support::traits::{
	fungible::{Inspect, MutateHold},
	tokens::Precision,
};
use holdfast_primitives::{EraIndex, Schedule};
use holdfast_runtime::{
	genesis_config_presets, AccountId, Assets, Balance, Balances, Block, Executive, Header,
	InsuranceFund, LiquidStaking, OperatorRegistry, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeGenesisConfig, RuntimeOrigin, System, SLOT_DURATION,
};
use pallet_liquid_staking::{Event, Phase, Pool, PoolState};
use pallet_operator_registry::{HoldReason, Operators};
use sp_block_builder::runtime_decl_for_block_builder::BlockBuilderV6;
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_inherents::{InherentData, InherentDataProvider};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	traits::{Dispatchable, Header as _},
	BuildStorage, Digest, DigestItem, DispatchError, Perbill,
};

/// Relay chain slot of block 0; blocks follow it one by one.
const FIRST_SLOT: u32 = 300_000_000;

pub struct Chain {
	parent: Header,
	events: Vec<RuntimeEvent>,
	/// Whether the bonds of operators are what is held.
	bonds: bool,
}

/// Runs `test` on a fresh development chain, then checks the pool's invariants.
pub fn run(test: impl FnOnce(&mut Chain)) {
	sp_io::TestExternalities::new(genesis()).execute_with(|| {
		test(&mut Chain::new());
		LiquidStaking::do_try_state().unwrap();
	});
}

/// As [`run`], on a chain on which nobody pays for slashes: there is nothing behind the bonds, and no fee
/// reaches the fund.
pub fn run_uninsured(test: impl FnOnce(&mut Chain)) {
	sp_io::TestExternalities::new(genesis()).execute_with(|| {
		for (who, operator) in Operators::<Runtime>::iter() {
			let reason = HoldReason::OperatorBond.into();
			Balances::release(&reason, &who, operator.bond(), Precision::Exact).unwrap();
		}
		let current = <Runtime as pallet_liquid_staking::Config>::DefaultParameters::get();
		let mut schedule = Schedule { current, next: None };
		schedule.current.fund_share = Perbill::zero();
		Pool::<Runtime>::mutate(|pool| pool.set_parameters(schedule));
		test(&mut Chain { bonds: false, ..Chain::new() });
	});
}

/// Runs `setup` on a fresh development chain, and then `measured`, outside of a block. Returns its
/// result, and how many bytes of state it really read, trie nodes included.
pub fn measure<R>(setup: impl FnOnce(&mut Chain), measured: impl FnOnce() -> R) -> (R, usize) {
	let mut state = sp_io::TestExternalities::new(genesis());
	state.execute_with(|| setup(&mut Chain::new()));
	state.commit_all().unwrap();
	let (result, proof) = state.execute_and_prove(measured);
	(result, proof.encoded_size())
}

/// The storage that the `development` preset builds.
pub fn genesis() -> sp_core::storage::Storage {
	let patch = genesis_config_presets::get_preset(&"development".into()).unwrap();
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
	// A preset is a patch of the default configuration.
	sc_chain_spec::json_patch::merge(&mut config, serde_json::from_slice(&patch).unwrap());
	serde_json::from_value::<RuntimeGenesisConfig>(config).unwrap().build_storage().unwrap()
}

impl Chain {
	fn new() -> Self {
		let parent = Header::new(
			0,
			Default::default(),
			Default::default(),
			Default::default(),
			Default::default(),
		);
		Self { parent, events: Vec::new(), bonds: true }
	}

	/// Makes the next block with `calls` between its hooks, and checks the pool after it.
	pub fn block_with<R>(&mut self, calls: impl FnOnce() -> R) -> R {
		let number = self.parent.number + 1;
		let slot = Slot::from(u64::from(FIRST_SLOT + number));
		let header = Header::new(
			number,
			Default::default(),
			Default::default(),
			self.parent.hash(),
			Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())] },
		);
		System::reset_events();
		Executive::initialize_block(&header);
		for inherent in inherents(number, &self.parent) {
			Executive::apply_extrinsic(inherent).unwrap().unwrap();
		}
		Executive::inherents_applied();
		let result = calls();
		self.parent = Executive::finalize_block();
		self.events.extend(System::events().into_iter().map(|record| record.event));
		LiquidStaking::do_try_state().unwrap();
		if self.bonds {
			OperatorRegistry::do_try_state().unwrap();
		}
		InsuranceFund::do_try_state().unwrap();
		result
	}

	pub fn block(&mut self) {
		self.block_with(|| ())
	}

	/// Makes blocks until the pool has done the work of `era`.
	pub fn work_of(&mut self, era: EraIndex) {
		while pool().era() != Some(era) || pool().phase() != Phase::Idle {
			assert!(active_era() <= era, "era {era} is over");
			self.block();
		}
	}

	/// The insurance fund's events since the last call to any of these.
	pub fn fund_events(&mut self) -> Vec<pallet_insurance_fund::Event<Runtime>> {
		self.events
			.drain(..)
			.filter_map(|event| match event {
				RuntimeEvent::InsuranceFund(event) => Some(event),
				_ => None,
			})
			.collect()
	}

	/// The pool's events since the last call.
	pub fn pool_events(&mut self) -> Vec<Event<Runtime>> {
		self.events
			.drain(..)
			.filter_map(|event| match event {
				RuntimeEvent::LiquidStaking(event) => Some(event),
				_ => None,
			})
			.collect()
	}
}

/// What a collator puts at the head of a block.
fn inherents(number: u32, parent: &Header) -> Vec<<Block as sp_runtime::traits::Block>::Extrinsic> {
	let mut data = InherentData::new();
	let relay = MockValidationDataInherentDataProvider::<()> {
		current_para_block: number,
		para_id: 2_000.into(),
		current_para_block_head: Some(parent.encode().into()),
		relay_blocks_per_para_block: 1,
		relay_offset: FIRST_SLOT,
		para_blocks_per_relay_epoch: 10,
		..Default::default()
	};
	futures::executor::block_on(relay.provide_inherent_data(&mut data)).unwrap();
	let time = u64::from(FIRST_SLOT + number) * SLOT_DURATION;
	data.put_data(sp_timestamp::INHERENT_IDENTIFIER, &time).unwrap();
	Runtime::inherent_extrinsics(data)
}

pub fn account(name: Sr25519Keyring) -> AccountId {
	name.to_account_id()
}

pub fn dispatch(who: &AccountId, call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
	call.into()
		.dispatch(RuntimeOrigin::signed(who.clone()))
		.map(|_| ())
		.map_err(|failed| failed.error)
}

pub fn deposit(who: &AccountId, assets: Balance) {
	let call = pallet_liquid_staking::Call::deposit { assets, min_shares: 1 };
	dispatch(who, call).unwrap();
}

pub fn request_redeem(who: &AccountId, shares: Balance) {
	dispatch(who, pallet_liquid_staking::Call::request_redeem { shares }).unwrap();
}

pub fn claim(batch: u32, owner: &AccountId) -> Result<(), DispatchError> {
	dispatch(owner, pallet_liquid_staking::Call::claim { batch, owner: owner.clone() })
}

pub fn pool() -> PoolState {
	Pool::<Runtime>::get()
}

pub fn active_era() -> EraIndex {
	pallet_staking::ActiveEra::<Runtime>::get().unwrap().index
}

pub fn hold(who: &AccountId) -> Balance {
	Balances::balance(who)
}

pub fn st_hold(who: &AccountId) -> Balance {
	Assets::balance(holdfast_runtime::configs::assets::ST_HOLD_ID, who)
}
