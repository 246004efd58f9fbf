// SPDX-License-Identifier: Apache-2.0

//! Placeholder until the benchmarks have run.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::weights::Weight;

macro_rules! weights {
	($($name:ident)*) => {
		pub trait WeightInfo { $(fn $name() -> Weight;)* }
		pub struct SubstrateWeight<T>(PhantomData<T>);
		impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
			$(fn $name() -> Weight { Weight::from_parts(10_000_000, 10_000) })*
		}
		impl WeightInfo for () {
			$(fn $name() -> Weight { Weight::from_parts(10_000_000, 10_000) })*
		}
	};
}

weights! {
	deposit request_redeem claim on_poll_idle step_pay_out step_pay_out_skip step_withdraw
	step_settle step_fund_batch step_fund_leftover step_plan step_rotate step_rebalance_open
	step_rebalance_empty
}
