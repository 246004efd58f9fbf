// SPDX-License-Identifier: Apache-2.0

//! The plan of an era as it is kept: in pages, so that a step that carries it out proves no more of it than
//! one.

use crate::{balancing::StakeChange, Config, Error, Plan, PlanPageOf, MAX_STASHES};
use holdfast_primitives::stored;

/// Stashes of one page of the plan of an era.
pub const PLAN_PAGE: u32 = 16;

/// What is planned for one stash.
#[frame_support::stored(no_skip_type_params)]
pub struct StashPlan<AccountId> {
	/// The validator to nominate; `None` to be chilled. Without one, nothing is bonded.
	pub validator: Option<AccountId>,
	/// How the stake changes.
	pub change: StakeChange,
}

/// What is planned for a stash. Nothing, outside of the phases that carry it out.
pub(crate) fn planned<T: Config>(index: u32) -> Result<StashPlan<T::AccountId>, Error<T>> {
	let page = stored::entry::<Plan<T>, _, _>(index / PLAN_PAGE);
	let page = page.map_err(|_| Error::<T>::Undecodable)?;
	let position = usize::try_from(index % PLAN_PAGE).unwrap_or(usize::MAX);
	let planned = page.and_then(|page| page.get(position).cloned());
	Ok(planned.unwrap_or(StashPlan { validator: None, change: StakeChange::Keep }))
}

/// Keeps the plans of the first stashes, where there are none.
pub(crate) fn put_plan<T: Config>(plan: &[StashPlan<T::AccountId>]) {
	let size = usize::try_from(PLAN_PAGE).unwrap_or(usize::MAX);
	for (number, page) in (0u32..).zip(plan.chunks(size)) {
		Plan::<T>::insert(number, PlanPageOf::<T>::truncate_from(page.to_vec()));
	}
}

/// Forgets what is planned.
pub(crate) fn remove_plan<T: Config>() {
	(0..MAX_STASHES.div_ceil(PLAN_PAGE)).for_each(Plan::<T>::remove);
}

/// Forgets the page with the plan of stash `index`, which is carried out, if that is the last of its page
/// or of all `stashes`.
pub(super) fn remove_carried_out<T: Config>(index: u32, stashes: u32) {
	let next = index.saturating_add(1);
	if next >= stashes || next.is_multiple_of(PLAN_PAGE) {
		Plan::<T>::remove(index / PLAN_PAGE);
	}
}
