// SPDX-License-Identifier: GPL-3.0-only

//! Eras of random acts by everybody who may act, on the real runtime. After each block the invariants
//! of all pallets hold, and what the staking pallet asserts of itself; and when all have calmed down,
//! everybody is paid.
//!
//! `HOLDFAST_ERAS` and `HOLDFAST_SEEDS` in the environment say how long, and how often, from the seed
//! `HOLDFAST_SEED` on. A failure names its seed, and what was done last.

use crate::chain::*;
use frame_election_provider_support::SortedListProvider;
use frame_support::traits::fungible::{InspectHold, Mutate};
use holdfast_primitives::EraIndex;
use holdfast_runtime::{
	configs::{
		liquid_staking::MAX_STASHES,
		staking::{BONDING_DURATION, MAX_NOMINATORS, SESSION_LENGTH, SLASH_DEFER_DURATION},
	},
	AccountId, Balance, Balances, LiquidStaking, Runtime, RuntimeCall, RuntimeHoldReason,
	RuntimeOrigin, System, VoterList, HOLD,
};
use pallet_liquid_staking::{Event, Queue};
use pallet_operator_registry::{Attested, Operators, ParametersSchedule, Validators as Registered};
use pallet_staking::{
	Bonded, ConfigOp, ErasStartSessionIndex, MaxNominatorsCount, MinNominatorBond, Nominators,
	RewardDestination, SlashingSpans, UnappliedSlashes, ValidatorPrefs, Validators,
};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{traits::Dispatchable, Perbill, Percent};
use std::collections::{BTreeMap, VecDeque};

/// As it is in the environment, or `default`.
fn setting(name: &str, default: u32) -> u32 {
	std::env::var(name).map_or(default, |value| {
		value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}"))
	})
}

#[test]
fn everybody_does_as_they_like_and_is_paid_in_the_end() {
	let first = setting("HOLDFAST_SEED", 1);
	let (seeds, eras) = (setting("HOLDFAST_SEEDS", 1), setting("HOLDFAST_ERAS", 6));
	for seed in first..first + seeds {
		run(|chain| Soak::new(seed).run(chain, eras));
	}
}

/// Throws dice: splitmix64.
struct Dice(u64);

impl Dice {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	fn below(&mut self, n: u32) -> u32 {
		(self.next() % u64::from(n.max(1))) as u32
	}

	fn one_in(&mut self, n: u32) -> bool {
		self.below(n) == 0
	}

	fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
		let i = self.below(of.len() as u32) as usize;
		of.get(i).cloned()
	}

	/// Up to `most`, and small ones as often as large ones.
	fn amount(&mut self, most: Balance) -> Balance {
		let bits = 128 - most.leading_zeros();
		let shift = self.below(bits.min(30));
		let range = (most >> shift).max(1);
		1 + Balance::from(self.next()) % range
	}
}

/// Says what has been done when the test fails.
struct Soak {
	seed: u32,
	dice: Dice,
	/// The last acts.
	last: VecDeque<String>,
	/// How often each act succeeded and failed.
	acts: BTreeMap<&'static str, (u32, u32)>,
	/// The strangers there are.
	strangers: u32,
	/// How often steps of the pool's work failed, and why.
	failures: BTreeMap<String, u32>,
}

impl Drop for Soak {
	fn drop(&mut self) {
		if std::thread::panicking() {
			for act in &self.last {
				eprintln!("{act}");
			}
			eprintln!("HOLDFAST_SEED={} failed in era {}", self.seed, active_era());
		}
	}
}

fn stranger(i: u32) -> AccountId {
	let mut id = [11; 32];
	id[..4].copy_from_slice(&i.to_le_bytes());
	AccountId::new(id)
}

fn sorted<T: Ord>(of: impl Iterator<Item = T>) -> Vec<T> {
	let mut all: Vec<T> = of.collect();
	// Not in the order of the hashes, which says nothing.
	all.sort();
	all
}

fn people() -> Vec<AccountId> {
	sorted(Sr25519Keyring::well_known().map(account))
}

fn spans(stash: &AccountId) -> u32 {
	SlashingSpans::<Runtime>::get(stash).map_or(0, |spans| spans.prior.len() as u32 + 1)
}

fn staked(stash: &AccountId) -> Balance {
	pallet_staking::Ledger::<Runtime>::get(stash).map_or(0, |ledger| ledger.active)
}

/// What the staking pallet would check of itself.
fn check_staking() {
	for voter in VoterList::iter() {
		let votes = Nominators::<Runtime>::contains_key(&voter)
			|| Validators::<Runtime>::contains_key(&voter);
		assert!(votes, "{voter} is no voter");
	}
	let voters = Nominators::<Runtime>::count() + Validators::<Runtime>::count();
	assert_eq!(VoterList::count(), voters);
	for (stash, controller) in Bonded::<Runtime>::iter() {
		assert_eq!(stash, controller);
		let ledger = pallet_staking::Ledger::<Runtime>::get(&stash).unwrap();
		let unlocking: Balance = ledger.unlocking.iter().map(|chunk| chunk.value).sum();
		assert_eq!(ledger.total, ledger.active + unlocking);
		let reason = RuntimeHoldReason::Staking(pallet_staking::HoldReason::Staking);
		assert_eq!(Balances::balance_on_hold(&reason, &stash), ledger.total, "{stash}");
		assert!(pallet_staking::Payee::<Runtime>::contains_key(&stash));
	}
}

impl Soak {
	fn new(seed: u32) -> Self {
		Self {
			seed,
			dice: Dice(u64::from(seed)),
			last: VecDeque::new(),
			acts: BTreeMap::new(),
			strangers: 0,
			failures: BTreeMap::new(),
		}
	}

	fn run(mut self, chain: &mut Chain, eras: EraIndex) {
		let start = std::time::Instant::now();
		chain.block_with(|| {
			for who in people() {
				deposit(&who, 50_000 * HOLD);
			}
		});
		while active_era() < eras {
			let acts = self.dice.below(4);
			chain.block_with(|| (0..acts).for_each(|_| self.act()));
			check_staking();
			if System::block_number().is_multiple_of(SESSION_LENGTH) {
				self.note_failures(chain);
				chain.block_with(|| self.keep_validators());
			}
		}
		self.calm_down(chain);
		let failures = std::mem::take(&mut self.failures);
		println!("seed {}: {:?}, {:?}", self.seed, start.elapsed(), self.acts);
		println!("failed steps: {failures:?}");
	}

	/// Nobody acts any more. All that was asked for is paid within the bonding duration and some eras.
	fn calm_down(&mut self, chain: &mut Chain) {
		chain.block_with(|| {
			self.root("calm", pallet_staking::Call::force_no_eras {});
			self.root("calm", pallet_staking::Call::force_new_era {});
			self.configure(100 * HOLD, MAX_NOMINATORS);
			for operator in sorted(Operators::<Runtime>::iter_keys()) {
				self.root("calm", pallet_operator_registry::Call::suspend { operator, eras: 0 });
			}
		});
		let until = active_era() + 2 * BONDING_DURATION + SLASH_DEFER_DURATION + 4;
		while active_era() < until && !Queue::<Runtime>::get().is_empty() {
			chain.block();
			check_staking();
			if System::block_number().is_multiple_of(SESSION_LENGTH) {
				self.note_failures(chain);
				chain.block_with(|| self.keep_validators());
			}
		}
		let waiting = Queue::<Runtime>::get();
		assert!(waiting.is_empty(), "not paid: {waiting:?}");
		chain.block_with(|| {
			for owner in people() {
				for redemption in LiquidStaking::redemptions_of(owner.clone()) {
					let _ = claim(redemption.batch, &owner);
				}
			}
		});
	}

	fn note_failures(&mut self, chain: &mut Chain) {
		for event in chain.pool_events() {
			if let Event::StepFailed { step, error, .. } = event {
				*self.failures.entry(format!("{step:?} {error:?}")).or_default() += 1;
			}
		}
	}

	/// There have to be enough to elect: those that lost all, or left, begin anew.
	fn keep_validators(&mut self) {
		for who in sorted(pallet_session::NextKeys::<Runtime>::iter_keys()) {
			let lacks = (10_000 * HOLD).saturating_sub(staked(&who));
			if lacks > 0 {
				Balances::mint_into(&who, lacks + HOLD).unwrap();
				if Bonded::<Runtime>::contains_key(&who) {
					let call = pallet_staking::Call::bond_extra { max_additional: lacks };
					self.signed("refill", &who, call);
				} else {
					let payee = RewardDestination::Staked;
					self.signed("refill", &who, pallet_staking::Call::bond { value: lacks, payee });
				}
			}
			if !Validators::<Runtime>::contains_key(&who) {
				let prefs = ValidatorPrefs::default();
				self.signed("refill", &who, pallet_staking::Call::validate { prefs });
			}
		}
	}

	fn done(&mut self, act: &'static str, call: RuntimeCall, origin: RuntimeOrigin) -> bool {
		let line = format!("{} {act}: {:.300}", System::block_number(), format!("{call:?}"));
		self.last.push_back(line);
		if self.last.len() > 40 {
			self.last.pop_front();
		}
		let result = call.dispatch(origin);
		let counts = self.acts.entry(act).or_default();
		match result {
			Ok(_) => counts.0 += 1,
			Err(_) => counts.1 += 1,
		}
		result.is_ok()
	}

	fn signed(&mut self, act: &'static str, who: &AccountId, call: impl Into<RuntimeCall>) -> bool {
		self.done(act, call.into(), RuntimeOrigin::signed(who.clone()))
	}

	fn root(&mut self, act: &'static str, call: impl Into<RuntimeCall>) -> bool {
		self.done(act, call.into(), RuntimeOrigin::root())
	}

	fn person(&mut self) -> AccountId {
		self.dice.pick(&people()).unwrap()
	}

	fn validator(&mut self) -> AccountId {
		let all = sorted(Validators::<Runtime>::iter_keys());
		self.dice.pick(&all).unwrap_or_else(|| stranger(0))
	}

	fn operator(&mut self) -> AccountId {
		let all = sorted(Operators::<Runtime>::iter_keys());
		self.dice.pick(&all).unwrap_or_else(|| stranger(0))
	}

	fn stash(&mut self) -> AccountId {
		let index = self.dice.below(pool().stashes().clamp(1, MAX_STASHES));
		LiquidStaking::stash_account(index)
	}

	/// Anybody at all.
	fn anybody(&mut self) -> AccountId {
		match self.dice.below(5) {
			0 => self.person(),
			1 => self.validator(),
			2 => self.stranger(),
			_ => self.stash(),
		}
	}

	fn stranger(&mut self) -> AccountId {
		stranger(self.dice.below(self.strangers.max(1)))
	}

	fn configure(&mut self, min_bond: Balance, seats: u32) {
		let threshold = match self.dice.below(3) {
			0 => ConfigOp::Set(Percent::zero()),
			1 => ConfigOp::Set(Percent::from_percent(75)),
			_ => ConfigOp::Remove,
		};
		self.root(
			"configure",
			pallet_staking::Call::set_staking_configs {
				min_nominator_bond: ConfigOp::Set(min_bond),
				min_validator_bond: ConfigOp::Noop,
				max_nominator_count: ConfigOp::Set(seats),
				max_validator_count: ConfigOp::Noop,
				chill_threshold: threshold,
				min_commission: ConfigOp::Noop,
				max_staked_rewards: ConfigOp::Noop,
			},
		);
	}

	fn act(&mut self) {
		match self.dice.below(100) {
			0..=29 => self.act_on_the_pool(),
			30..=37 => self.offend(),
			38..=39 => self.cancel(),
			40..=53 => self.act_as_anybody(),
			54..=67 => self.act_as_stranger(),
			68..=81 => self.act_as_operator(),
			82..=91 => self.act_on_the_fund(),
			_ => self.act_as_root(),
		}
	}

	fn act_on_the_pool(&mut self) {
		use pallet_liquid_staking::Call;
		let who = self.person();
		match self.dice.below(10) {
			0..=2 => {
				let assets = self.dice.amount(100_000 * HOLD);
				self.signed("deposit", &who, Call::deposit { assets, min_shares: 0 });
			},
			3..=5 => {
				let shares = self.dice.amount(st_hold(&who).max(1));
				self.signed("request_redeem", &who, Call::request_redeem { shares });
			},
			6 => {
				let shares = self.dice.amount(st_hold(&who).max(1));
				self.signed(
					"redeem_instantly",
					&who,
					Call::redeem_instantly { shares, min_assets: 0 },
				);
			},
			7..=8 => {
				for redemption in LiquidStaking::redemptions_of(who.clone()) {
					let call = Call::claim { batch: redemption.batch, owner: who.clone() };
					self.signed("claim", &who, call);
				}
			},
			_ => {
				let max_steps = self.dice.below(5);
				self.signed("advance", &who, Call::advance { max_steps });
			},
		}
	}

	fn offend(&mut self) {
		// Most of them small; at most half of the validators lose much at once.
		let percent = self.dice.pick(&[1, 1, 5, 10, 10, 50, 100]).unwrap();
		let fraction = Perbill::from_percent(percent);
		let most = if percent < 50 { 6 } else { 2 };
		let mut offenders: Vec<AccountId> =
			(0..=self.dice.below(most)).map(|_| self.validator()).collect();
		offenders.sort();
		offenders.dedup();
		let past = active_era().saturating_sub(self.dice.below(BONDING_DURATION + 1));
		if self.dice.one_in(3) {
			let validator_stash = offenders.remove(0);
			let call = pallet_staking::Call::manual_slash {
				validator_stash,
				era: past,
				slash_fraction: fraction,
			};
			self.root("manual_slash", call);
			return;
		}
		let session = match self.dice.one_in(2) {
			true => None,
			false => ErasStartSessionIndex::<Runtime>::get(past),
		};
		let offenders = offenders.into_iter().map(|who| (who, fraction)).collect();
		self.root(
			"offend",
			pallet_root_offences::Call::create_offence {
				offenders,
				maybe_identifications: None,
				maybe_session_index: session,
			},
		);
	}

	fn cancel(&mut self) {
		let eras = sorted(UnappliedSlashes::<Runtime>::iter_keys());
		let Some(era) = self.dice.pick(&eras) else { return };
		let count = UnappliedSlashes::<Runtime>::get(era).len() as u32;
		let slash_indices: Vec<u32> = (0..count).filter(|_| self.dice.one_in(2)).collect();
		self.root("cancel", pallet_staking::Call::cancel_deferred_slash { era, slash_indices });
	}

	fn act_as_anybody(&mut self) {
		use pallet_staking::Call;
		let who = self.person();
		let stash = self.stash();
		match self.dice.below(9) {
			0 => {
				let nominated = Nominators::<Runtime>::get(&stash);
				let target = nominated.and_then(|n| n.targets.first().cloned());
				let Some(validator) = target else { return };
				self.signed("kick", &validator, Call::kick { who: vec![stash.into()] });
			},
			1 => {
				for i in 0..pool().stashes() {
					let stash = LiquidStaking::stash_account(i);
					self.signed("chill_other", &who, Call::chill_other { stash });
				}
			},
			2 => {
				let stash = self.anybody();
				let num_slashing_spans = spans(&stash);
				self.signed("reap", &who, Call::reap_stash { stash, num_slashing_spans });
			},
			3 => {
				let era = active_era().saturating_sub(1 + self.dice.below(3));
				let validator_stash = self.validator();
				self.signed("payout", &who, Call::payout_stakers { validator_stash, era });
			},
			4..=6 => {
				let dislocated = self.anybody().into();
				self.signed("rebag", &who, pallet_bags_list::Call::rebag { dislocated });
			},
			7 => {
				let (heavier, lighter) = (self.anybody().into(), self.anybody().into());
				let call = pallet_bags_list::Call::put_in_front_of_other { heavier, lighter };
				self.signed("put_in_front", &who, call);
			},
			_ => {
				let to = match self.dice.below(4) {
					0 => LiquidStaking::pot_account(),
					1 => LiquidStaking::reward_account(),
					2 => holdfast_runtime::configs::insurance_fund::FundAccount::get(),
					_ => stash,
				};
				let value = self.dice.amount(1_000 * HOLD);
				let dest = to.into();
				self.signed(
					"donate",
					&who,
					pallet_balances::Call::transfer_keep_alive { dest, value },
				);
			},
		}
	}

	fn act_as_stranger(&mut self) {
		use pallet_staking::Call;
		match self.dice.below(10) {
			0..=3 => {
				// One, or as many as there are seats, up to a hundred.
				let free = MaxNominatorsCount::<Runtime>::get()
					.map_or(100, |most| most.saturating_sub(Nominators::<Runtime>::count()));
				let count = if self.dice.one_in(4) { free.min(100) } else { 1 };
				for _ in 0..count {
					let who = stranger(self.strangers);
					self.strangers += 1;
					let value = match self.dice.one_in(3) {
						true => HOLD / 100 + self.dice.amount(10 * HOLD),
						false => {
							MinNominatorBond::<Runtime>::get() + self.dice.amount(1_000 * HOLD)
						},
					};
					Balances::mint_into(&who, value + HOLD).unwrap();
					let payee = RewardDestination::Staked;
					self.signed("bond", &who, Call::bond { value, payee });
					let targets = (0..4).map(|_| self.validator().into()).collect();
					self.signed("nominate", &who, Call::nominate { targets });
				}
			},
			4 => {
				let who = self.stranger();
				self.signed("chill", &who, Call::chill {});
			},
			5..=6 => {
				let who = self.stranger();
				let value = self.dice.amount(staked(&who).max(1));
				self.signed("unbond", &who, Call::unbond { value });
			},
			7 => {
				let who = self.stranger();
				let num_slashing_spans = spans(&who);
				self.signed(
					"withdraw_unbonded",
					&who,
					Call::withdraw_unbonded { num_slashing_spans },
				);
			},
			8 => {
				let who = self.stranger();
				let value = self.dice.amount(100 * HOLD);
				self.signed("rebond", &who, Call::rebond { value });
			},
			_ => {
				let who = self.stranger();
				let targets = vec![self.validator().into()];
				self.signed("nominate", &who, Call::nominate { targets });
			},
		}
	}

	fn act_as_operator(&mut self) {
		use pallet_operator_registry::Call;
		let operator = self.operator();
		let Some(record) = Operators::<Runtime>::get(&operator) else { return };
		let own = self.dice.pick(record.validators());
		match self.dice.below(12) {
			0 => {
				let Some(validator) = own else { return };
				self.signed("remove_validator", &operator, Call::remove_validator { validator });
			},
			1..=3 => {
				let validator = self.validator();
				if Registered::<Runtime>::contains_key(&validator) && !self.dice.one_in(4) {
					return;
				}
				let call = Call::add_validator { validator: validator.clone() };
				self.signed("add_validator", &operator, call);
				let call = Call::confirm_validator { operator: operator.clone() };
				self.signed("confirm_validator", &validator, call);
				let profile = record.profile().clone();
				let attested =
					Attested { operator: true, region: true, provider: true, client: true };
				let validators =
					Operators::<Runtime>::get(&operator).unwrap().validators().to_vec();
				let validators = validators.try_into().unwrap();
				let call = Call::attest { operator, profile, attested, validators };
				self.root("attest", call);
			},
			4 => {
				self.signed("deregister", &operator, Call::deregister {});
			},
			5 => {
				let profile = record.profile().clone();
				let who = self.person();
				self.signed("register", &who, Call::register_operator { profile });
			},
			6 => {
				let profile = record.profile().clone();
				self.signed("register", &operator, Call::register_operator { profile });
			},
			7..=8 => {
				let amount = self.dice.amount(20_000 * HOLD);
				Balances::mint_into(&operator, amount).unwrap();
				self.signed("bond_more", &operator, Call::bond_more { amount });
			},
			9 => {
				let amount = self.dice.amount(record.bond().max(1));
				let call = Call::request_bond_release { amount };
				self.signed("request_bond_release", &operator, call);
			},
			10 => {
				let who = self.person();
				self.signed("release_bond", &who, Call::release_bond { operator });
			},
			_ => {
				let Some(validator) = own else { return };
				match self.dice.below(3) {
					0 => self.signed("leave", &validator, pallet_staking::Call::chill {}),
					1 => {
						let commission = Perbill::from_percent(self.dice.below(40));
						let prefs = ValidatorPrefs { commission, blocked: self.dice.one_in(3) };
						self.signed(
							"validate",
							&validator,
							pallet_staking::Call::validate { prefs },
						)
					},
					_ => {
						let value = self.dice.amount(staked(&validator).max(1));
						self.signed(
							"unbond_own",
							&validator,
							pallet_staking::Call::unbond { value },
						)
					},
				};
			},
		}
	}

	fn act_on_the_fund(&mut self) {
		use pallet_insurance_fund::Call;
		let who = self.person();
		match self.dice.below(6) {
			0..=1 => {
				let assets = self.dice.amount(20_000 * HOLD);
				self.signed("underwrite", &who, Call::underwrite { assets, min_shares: 0 });
			},
			2 => {
				let shares = self.dice.amount(10_000 * HOLD);
				self.signed("request_withdraw", &who, Call::request_withdraw { shares });
			},
			3..=4 => {
				for request in 0..8 {
					self.signed("withdraw", &who, Call::withdraw { request });
				}
			},
			_ => {
				let assets = self.dice.amount(20_000 * HOLD);
				self.signed("top_up_reserve", &who, Call::top_up_reserve { assets });
			},
		}
	}

	fn act_as_root(&mut self) {
		use pallet_staking::Call;
		match self.dice.below(8) {
			0..=1 => {
				let bond = self.dice.pick(&[50, 100, 100, 400, 1_000, 3_000]).unwrap() * HOLD;
				let now = Nominators::<Runtime>::count();
				let seats =
					self.dice.pick(&[0, now / 2, now, MAX_NOMINATORS, MAX_NOMINATORS]).unwrap();
				self.configure(bond, seats);
			},
			2 => {
				let new = self.dice.pick(&[6, 10, 16, 20]).unwrap();
				self.root("seats", Call::set_validator_count { new });
			},
			3 => {
				self.root("force_era", Call::force_new_era {});
			},
			4 => {
				// For some sessions: the next of these acts ends it.
				self.root("force_era", Call::force_new_era_always {});
			},
			5 | 6 => {
				let (operator, eras) = (self.operator(), self.dice.below(3));
				self.root("suspend", pallet_operator_registry::Call::suspend { operator, eras });
			},
			_ => {
				let mut parameters = ParametersSchedule::<Runtime>::get().current;
				parameters.churn = self.dice.below(17);
				parameters.coverage_multiple = self.dice.pick(&[0, 1, 3, 10]).unwrap();
				parameters.floor = Perbill::from_percent(self.dice.below(11));
				let call = pallet_operator_registry::Call::set_parameters { parameters };
				self.root("registry_parameters", call);
			},
		}
	}
}
