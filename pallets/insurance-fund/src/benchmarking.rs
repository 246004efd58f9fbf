// SPDX-License-Identifier: Apache-2.0

//! Weights of the calls, of the era work, and of what the pool asks of the fund.
//!
//! Each benchmark asserts the state that it leaves, so that none measures a failed path, and fills
//! bounded items to their maxima.

use crate::{
	Call, Claims, Config, Error, Fund, FundState, History, Leavers, Outcomes, Pallet,
	ParametersSchedule, Position, Provisions, Request, RequestId, Underwriters, WeightInfo,
};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Mutate},
		EnsureOrigin, Get,
	},
	weights::WeightMeter,
	BoundedVec,
};
use frame_system::{Pallet as System, RawOrigin};
use holdfast_primitives::{
	Assets, Balance, ClaimInfo, ClaimState, Dues, EraIndex, Loss, LossCover, OpenReport, Paid,
	Shares,
};

/// Prepares other pallets for the benchmarks.
pub trait BenchmarkHelper<AccountId> {
	/// Makes `era` the active one.
	fn set_era(era: EraIndex);

	/// Puts `validator` on record, as the only one of an operator with a bond.
	fn bond(validator: &AccountId);
}

const ERA: EraIndex = 200;
const BLOCK: u32 = 1_000;

/// Enough for everything.
fn plenty<T: Config>() -> Balance {
	T::MinParameters::get()
		.min_underwriting
		.max(T::DefaultParameters::get().min_underwriting)
		.max(T::Currency::minimum_balance())
		.saturating_mul(1_000_000)
}

/// A fund in the middle of `ERA`, of which `who` has half, and premium is on its way.
fn fund_of<T: Config>(who: &T::AccountId) -> FundState {
	T::BenchmarkHelper::set_era(ERA);
	System::<T>::set_block_number(BLOCK.into());
	let assets = plenty::<T>();
	let mut books = Fund::<T>::get();
	books.begin_era(ERA - 1, BLOCK - 110);
	books.begin_era(ERA, BLOCK - 10);
	let shares = books.enter(Assets(assets * 2)).expect("no overflow");
	assert_eq!(shares, Shares(assets * 2));
	books.set_limit(T::DefaultParameters::get().reserve_limit);
	books.add_to_reserve(Assets(assets));
	books.take_in(Dues { premium: assets / 100, fee: 0 }, BLOCK);
	let deposit = T::Currency::minimum_balance();
	T::Currency::mint_into(&Pallet::<T>::account(), books.total().0 + deposit)
		.expect("room in the issuance");
	// As many requests as there can be, all of them mature, but for one.
	let ids = (0..T::MaxRequests::get()).map(|_| books.take_request_id().expect("no overflow"));
	let requests =
		ids.skip(1).map(|id| Request { id, shares: Shares(1), matures_in: ERA }).collect();
	let position = Position {
		class: 0,
		shares: Shares(assets),
		requests: BoundedVec::truncate_from(requests),
	};
	Underwriters::<T>::insert(who, position);
	Fund::<T>::put(&books);
	books
}

fn validator<T: Config>(n: u32) -> T::AccountId {
	account("validator", n, 0)
}

/// The era in which the nth of as many reports as there can be is due.
fn applied_in<T: Config>(n: u32) -> EraIndex {
	let eras = T::MaxProvisions::get();
	if n + 1 == T::MaxClaims::get() {
		ERA + eras
	} else {
		ERA + 1 + n % (eras - 1).max(1)
	}
}

/// As many claims and provisions as there can be, of `amount` each, on validators from number `first`
/// on. The last claim is the only one that is due in its era.
fn fill_claims<T: Config>(amount: Balance, first: u32) {
	let most = T::MaxClaims::get();
	let open = (0..most).map(|n| OpenReport {
		validator: validator::<T>(first + n),
		offence_era: ERA,
		applied_in: applied_in::<T>(n),
		amount,
	});
	Pallet::<T>::reported(open);
	assert_eq!(Claims::<T>::get().len() as u32, most);
	assert_eq!(Provisions::<T>::get().len() as u32, T::MaxProvisions::get().min(most));
}

/// Puts as many validators on record as there can be claims, from number `first` on.
fn bond_all<T: Config>(first: u32) {
	(0..T::MaxClaims::get()).for_each(|n| T::BenchmarkHelper::bond(&validator::<T>(first + n)));
}

/// As many past claims as are kept.
fn fill_history<T: Config>() {
	let claim = ClaimInfo {
		id: 0,
		validator: Some(validator::<T>(0)),
		offence_era: 0,
		applied_in: 0,
		open: 0,
		lost: 1,
		paid: Paid::default(),
		state: ClaimState::Applied,
	};
	let claims = (0..T::MaxHistory::get()).map(|_| claim.clone()).collect();
	History::<T>::put(BoundedVec::truncate_from(claims));
}

/// Lets `who` leave with the last of its requests that there can be, while all provisions are open.
fn leave<T: Config>(who: &T::AccountId) -> RequestId {
	let id = T::MaxRequests::get();
	Underwriters::<T>::mutate(who, |position| {
		let request = Request { id, shares: Shares(plenty::<T>() / 2), matures_in: ERA };
		position.requests.try_push(request).expect("there is room");
	});
	assert_eq!(Fund::<T>::mutate(FundState::take_request_id), Ok(id));
	id
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn underwrite() {
		let caller: T::AccountId = whitelisted_caller();
		fund_of::<T>(&caller);
		let assets = plenty::<T>();
		T::Currency::mint_into(&caller, assets * 2).expect("room in the issuance");

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), assets, 1);

		assert!(Underwriters::<T>::get(&caller).shares > Shares(assets));
		assert!(Fund::<T>::get().underwriting() > Assets(assets * 3));
	}

	#[benchmark]
	fn request_withdraw() {
		let caller: T::AccountId = whitelisted_caller();
		let before = fund_of::<T>(&caller);
		let shares = plenty::<T>() / 2;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), shares);

		assert!(Underwriters::<T>::get(&caller).requests.is_full());
		assert_eq!(Fund::<T>::get().next_request(), before.next_request() + 1);
	}

	/// Worst case: a part is withheld for every provision there can be.
	#[benchmark]
	fn withdraw() {
		let caller: T::AccountId = whitelisted_caller();
		T::Currency::mint_into(&caller, T::Currency::minimum_balance())
			.expect("room in the issuance");
		fund_of::<T>(&caller);
		fill_claims::<T>(plenty::<T>() / Balance::from(T::MaxClaims::get()), 0);
		let id = leave::<T>(&caller);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), id);

		let withheld = Leavers::<T>::get(id).expect("reports are open");
		assert_eq!(withheld.parts.len(), Provisions::<T>::get().len());
		assert!(T::Currency::balance(&caller) > T::Currency::minimum_balance());
	}

	/// Worst case: everything was read, and it is too early.
	#[benchmark]
	fn refuse_withdraw() {
		let caller: T::AccountId = whitelisted_caller();
		fund_of::<T>(&caller);
		let id = leave::<T>(&caller);
		T::BenchmarkHelper::set_era(ERA - 1);
		let result;

		#[block]
		{
			result = Pallet::<T>::do_withdraw(caller.clone(), id);
		}

		let refused = result.expect_err("it is too early");
		assert_eq!(refused.error, Error::<T>::NotMature.into());
		assert!(Underwriters::<T>::get(&caller).requests.is_full());
	}

	/// Worst case: all of the `p` provisions for which something is withheld are resolved, and nobody
	/// else waits for any of them.
	#[benchmark]
	fn collect_withheld(p: Linear<1, { T::MaxProvisions::get() }>) {
		let caller: T::AccountId = whitelisted_caller();
		T::Currency::mint_into(&caller, T::Currency::minimum_balance())
			.expect("room in the issuance");
		fund_of::<T>(&caller);
		let open = (0..p).map(|n| OpenReport {
			validator: validator::<T>(0),
			offence_era: ERA,
			applied_in: ERA + 1 + n,
			amount: plenty::<T>() / Balance::from(T::MaxClaims::get()),
		});
		Pallet::<T>::reported(open);
		let id = leave::<T>(&caller);
		Pallet::<T>::do_withdraw(caller.clone(), id).expect("is mature");
		assert_eq!(Leavers::<T>::get(id).map(|withheld| withheld.parts.len()), Some(p as usize));
		Pallet::<T>::reported(core::iter::empty());
		let before = T::Currency::balance(&caller);

		#[extrinsic_call]
		withdraw(RawOrigin::Signed(caller.clone()), id);

		assert!(T::Currency::balance(&caller) > before);
		assert!(!Leavers::<T>::contains_key(id));
		assert_eq!(Outcomes::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn top_up_reserve() {
		let caller: T::AccountId = whitelisted_caller();
		let before = fund_of::<T>(&caller);
		let assets = plenty::<T>();
		T::Currency::mint_into(&caller, assets * 2).expect("room in the issuance");

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), assets);

		assert_eq!(Fund::<T>::get().reserve(), Assets(before.reserve().0 + assets));
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
		let parameters = T::MaxParameters::get();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);

		let next = ParametersSchedule::<T>::get().next.map(|(_, parameters)| parameters);
		assert_eq!(next, Some(parameters));
		Ok(())
	}

	/// A block in an era that was begun.
	#[benchmark]
	fn on_poll_idle() {
		let before = fund_of::<T>(&whitelisted_caller());
		let mut meter = WeightMeter::new();

		#[block]
		{
			Pallet::<T>::poll(&mut meter);
		}

		assert_eq!(Fund::<T>::get(), before);
		assert_eq!(meter.consumed(), T::WeightInfo::on_poll_idle());
	}

	/// Something was sent to the account, too.
	#[benchmark]
	fn begin_era() {
		let before = fund_of::<T>(&whitelisted_caller());
		let surplus = plenty::<T>();
		T::Currency::mint_into(&Pallet::<T>::account(), surplus).expect("room in the issuance");
		T::BenchmarkHelper::set_era(ERA + 1);

		#[block]
		{
			Pallet::<T>::poll(&mut WeightMeter::new());
		}

		let books = Fund::<T>::get();
		assert!(books.reserve() >= Assets(before.reserve().0 + surplus));
		assert_eq!(books.era(), Some(ERA + 1));
	}

	/// What the first block of an era costs beside [`begin_era`] while reports are open.
	#[benchmark]
	fn count_bonds() {
		let mut books = fund_of::<T>(&whitelisted_caller());
		bond_all::<T>(0);
		fill_claims::<T>(plenty::<T>() / Balance::from(T::MaxClaims::get()), 0);

		#[block]
		{
			Pallet::<T>::recount_bonds(&mut books);
		}

		assert!(books.bonds() >= Assets(T::MaxBonds::get().into()));
	}

	/// Worst case: all claims are released, leavers wait for all of them, and as many others open, each
	/// on a validator of an operator of its own.
	#[benchmark]
	fn reported() {
		let caller: T::AccountId = whitelisted_caller();
		fund_of::<T>(&caller);
		let most = T::MaxClaims::get();
		fill_claims::<T>(plenty::<T>() / Balance::from(most), 0);
		fill_history::<T>();
		let id = leave::<T>(&caller);
		Pallet::<T>::do_withdraw(caller, id).expect("is mature");
		bond_all::<T>(most);

		#[block]
		{
			fill_claims::<T>(1, most);
		}

		let books = Fund::<T>::get();
		assert_eq!((books.reported(), books.locked()), (Assets(most.into()), Assets(0)));
		assert!(books.bonds() >= Assets(T::MaxBonds::get().into()));
		assert!(Outcomes::<T>::iter().count() > 0);
	}

	/// What the pool asks and tells when it books a reward.
	#[benchmark]
	fn collect() {
		let before = fund_of::<T>(&whitelisted_caller());
		let reward = plenty::<T>();

		#[block]
		{
			let dues = Pallet::<T>::dues(reward, reward / 10);
			Pallet::<T>::collected(Dues { premium: dues.premium.max(1), fee: dues.fee.max(1) });
		}

		let books = Fund::<T>::get();
		assert!(books.underwriting() > before.underwriting());
		assert!(books.reserve() > before.reserve());
	}

	/// What one slashed stash costs, beside what the bond of its operator costs: with all claims and
	/// provisions there can be, the last that is due in its era, and a leaver who waits for it.
	#[benchmark]
	fn cover() {
		let caller: T::AccountId = whitelisted_caller();
		fund_of::<T>(&caller);
		let amount = plenty::<T>() / Balance::from(T::MaxClaims::get());
		fill_claims::<T>(amount, 0);
		fill_history::<T>();
		let id = leave::<T>(&caller);
		Pallet::<T>::do_withdraw(caller, id).expect("is mature");
		let last = T::MaxClaims::get() - 1;
		let era = applied_in::<T>(last);
		let loss = |n: u32| Loss {
			stash: account("stash", n, 0),
			validator: Some(validator::<T>(n)),
			offence_era: ERA,
			applied_in: era,
			amount,
			reported: amount,
		};
		let to: T::AccountId = account("pot", 0, 0);
		T::Currency::mint_into(&to, T::Currency::minimum_balance()).expect("room in the issuance");
		let before = Fund::<T>::get();

		#[block]
		{
			Pallet::<T>::cover(&loss(last), &to);
		}

		assert_eq!(T::Currency::balance(&to), T::Currency::minimum_balance() + amount);
		let books = Fund::<T>::get();
		assert!(books.underwriting() < before.underwriting() && books.locked() < before.locked());
		assert_eq!(books.reported(), Assets(before.reported().0 - amount));
		assert_eq!(Outcomes::<T>::iter().count(), 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
