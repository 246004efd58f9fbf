// SPDX-License-Identifier: Apache-2.0

// What a transaction has brought about, from its events. test/unit/errors.test.ts knows which events of the
// pallets no call of the page emits; each of the others has a sentence here.

import { format } from './amount.ts';

interface ChainEvent {
	type: string;
	value: { type: string; value: unknown };
}

type Data = Record<string, bigint | number>;

const WORDS: Record<string, (data: Data) => string> = {
	'LiquidStaking.Deposited': ({ assets, shares }) => `${hold(assets)} staked. You got ${sthold(shares)}.`,
	'LiquidStaking.RedemptionRequested': ({ shares, batch }) => `${sthold(shares)} queued in batch ${batch}.`,
	'LiquidStaking.InstantlyRedeemed': ({ shares, assets, fee, withheld }) =>
		`${sthold(shares)} redeemed. You got ${hold(assets)}; the fee was ${hold(fee)}${heldBack(withheld)}.`,
	'LiquidStaking.Claimed': ({ assets, batch }) => `${hold(assets)} paid from batch ${batch}.`,
	'InsuranceFund.Underwritten': ({ assets, shares }) =>
		`${hold(assets)} underwritten, for ${format(BigInt(shares!))} shares of the fund.`,
	'InsuranceFund.WithdrawalRequested': ({ request, matures_in }) =>
		`Request ${request} is noted. Withdraw it in era ${matures_in} or the one after.`,
	'InsuranceFund.Withdrawn': ({ assets, withheld }) => `${hold(assets)} paid${heldBack(withheld)}.`,
	'InsuranceFund.WithheldPaid': ({ assets }) => `${hold(assets)} paid that had been withheld.`,
	'InsuranceFund.ReserveToppedUp': ({ assets }) => `${hold(assets)} given to the reserve.`,
	'OperatorRegistry.OperatorRegistered': ({ bond }) => `Registered, with a bond of ${hold(bond)}.`,
	'OperatorRegistry.ProfileUpdated': () => 'The profile is updated. What has changed in it is not attested any more.',
	'OperatorRegistry.ValidatorAdded': () => 'Added. The validator has to confirm now.',
	'OperatorRegistry.ValidatorConfirmed': ({ fit_from }) =>
		`Confirmed. The validator may be nominated from era ${fit_from} on.`,
	'OperatorRegistry.ValidatorRemoved': () =>
		'Removed. The validator stays on record until nothing that it did can be slashed.',
	'OperatorRegistry.BondAdded': ({ amount }) => `${hold(amount)} bonded.`,
	'OperatorRegistry.BondReleased': ({ amount }) => `${hold(amount)} released.`,
	'OperatorRegistry.DebtPaid': ({ amount, left }) => `${hold(amount)} of the debt paid; ${hold(left)} still owed.`,
	'OperatorRegistry.DebtPaidFor': ({ amount, left }) => `${hold(amount)} paid; ${hold(left)} still owed.`,
	'OperatorRegistry.ReleaseRequested': ({ amount, era }) => `${hold(amount)} can be released from era ${era} on.`,
	'OperatorRegistry.OperatorDeregistered': () => 'The operator is leaving, with all of its validators.',
	'OperatorRegistry.OperatorForgotten': () => 'The operator has left, and the account has the rest of its bond.',
};

const hold = (units: bigint | number | undefined) => `${format(BigInt(units ?? 0))} HOLD`;
const sthold = (units: bigint | number | undefined) => `${format(BigInt(units ?? 0))} stHOLD`;
const heldBack = (units: bigint | number | undefined) => (units ? `; ${hold(units)} withheld for open reports` : '');

/** A sentence for each event that has one. */
export function outcome(events: ChainEvent[]): string {
	return events.flatMap(({ type, value }) => WORDS[`${type}.${value.type}`]?.(value.value as Data) ?? []).join(' ');
}
