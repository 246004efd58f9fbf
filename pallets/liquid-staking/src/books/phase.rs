// SPDX-License-Identifier: Apache-2.0

//! How far the work is: in which phase of the era work, and in reading the reports.

use crate::phases::with_phases;
use holdfast_primitives::EraIndex;

/// Declares the phases out of their table.
macro_rules! declare {
	($(
		$(#[$doc:meta])*
		$phase:ident $({ $( $(#[$field_doc:meta])* $field:ident: $type:ty, )+ })? $(each $each:ident)? => {
			step: $step:ident,
			then: $then:expr,
			before_settlement: $before_settlement:literal,
			given_up: $given_up:literal,
		}
	)+) => {
		/// What the era work does next. One step does one stash, one payout page or one batch.
		///
		/// What is left of it when the next era begins is done first, but for a plan that is not
		/// decided, or not nominated: [`Phase::Score`], [`Phase::Plan`] and [`Phase::Rotate`] are given
		/// up for those of the next era.
		#[frame_support::stored]
		#[derive(Copy, Default)]
		pub enum Phase {
			/// Nothing until the next era.
			#[default]
			Idle,
			$(
				$(#[$doc])*
				$phase $({ $( $(#[$field_doc])* $field: $type, )+ })?,
			)+
		}

		impl Phase {
			/// One of each phase.
			pub(crate) const ALL: &'static [Self] =
				&[Self::Idle, $( Self::$phase $({ $( $field: 0, )+ })?, )+];

			/// Whether the era is not settled yet while its work is in this phase.
			pub(super) fn is_before_settlement(&self) -> bool {
				match self {
					Self::Idle => false,
					$( Self::$phase { .. } => $before_settlement, )+
				}
			}

			/// Whether this phase is given up when the era is over: its plan is not decided, or not
			/// nominated.
			pub(crate) fn can_be_given_up(&self) -> bool {
				match self {
					Self::Idle => false,
					$( Self::$phase { .. } => $given_up, )+
				}
			}
		}
	};
}

with_phases!(declare);

/// How far the reports are read.
#[frame_support::stored]
#[derive(Copy, Default)]
pub enum Scan {
	/// They are up to date.
	#[default]
	Fresh,
	/// They may have changed.
	Stale,
	/// They are being read; the slashes to be applied in this era are next.
	At(EraIndex),
}
