// SPDX-License-Identifier: Apache-2.0

//! Tells the pool that the open slashes may have changed.
//!
//! `pallet-staking` writes them when it handles an offence, when its admin slashes by hand or
//! cancels, and when an era begins. The last the pool sees for itself; these wrap the others.

use core::marker::PhantomData;
use frame_support::traits::EnsureOrigin;
use holdfast_primitives::OnReports;
use sp_runtime::Perbill;
use sp_staking::{
	offence::{OffenceDetails, OnOffenceHandler},
	SessionIndex,
};

/// The handler of offences `Handler`, whose reports `Listener` is told of.
pub struct ReportingHandler<Handler, Listener>(PhantomData<(Handler, Listener)>);

impl<Reporter, Offender, Res, Handler, Listener> OnOffenceHandler<Reporter, Offender, Res>
	for ReportingHandler<Handler, Listener>
where
	Handler: OnOffenceHandler<Reporter, Offender, Res>,
	Listener: OnReports,
{
	fn on_offence(
		offenders: &[OffenceDetails<Reporter, Offender>],
		slash_fraction: &[Perbill],
		session: SessionIndex,
	) -> Res {
		Listener::reports_changed();
		Handler::on_offence(offenders, slash_fraction, session)
	}
}

/// The origin `Origin`. Whenever it lets a call pass, `Listener` is told: the call may slash or
/// cancel. The listener looks in a later block, when the call is done.
pub struct ReportingOrigin<Origin, Listener>(PhantomData<(Origin, Listener)>);

impl<OuterOrigin, Origin, Listener> EnsureOrigin<OuterOrigin> for ReportingOrigin<Origin, Listener>
where
	Origin: EnsureOrigin<OuterOrigin>,
	Listener: OnReports,
{
	type Success = Origin::Success;

	fn try_origin(origin: OuterOrigin) -> Result<Self::Success, OuterOrigin> {
		let success = Origin::try_origin(origin)?;
		Listener::reports_changed();
		Ok(success)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<OuterOrigin, ()> {
		Origin::try_successful_origin()
	}
}
