// What a transaction has brought about, from its events.

import { format } from './amount.ts';

interface ChainEvent {
	type: string;
	value: { type: string; value: unknown };
}

type Data = Record<string, bigint | number>;

const WORDS: Record<string, (data: Data) => string> = {
	'LiquidStaking.Deposited': ({ assets, shares }) =>
		`${hold(assets)} staked. You got ${sthold(shares)}.`,
	'LiquidStaking.RedemptionRequested': ({ shares, batch }) =>
		`${sthold(shares)} queued in batch ${batch}.`,
	'LiquidStaking.InstantlyRedeemed': ({ shares, assets, fee }) =>
		`${sthold(shares)} redeemed. You got ${hold(assets)}; the fee was ${hold(fee)}.`,
	'LiquidStaking.Claimed': ({ assets, batch }) => `${hold(assets)} paid from batch ${batch}.`,
	'InsuranceFund.Underwritten': ({ assets, shares }) =>
		`${hold(assets)} underwritten, for ${format(BigInt(shares!))} shares of the fund.`,
	'InsuranceFund.WithdrawalRequested': ({ request, matures_in }) =>
		`Request ${request} is noted. Withdraw it in era ${matures_in} or the one after.`,
	'InsuranceFund.Withdrawn': ({ assets, withheld }) =>
		`${hold(assets)} paid${withheld ? `; ${hold(withheld)} withheld for open reports` : ''}.`,
	'InsuranceFund.WithheldPaid': ({ assets }) => `${hold(assets)} paid that had been withheld.`,
	'InsuranceFund.ReserveToppedUp': ({ assets }) => `${hold(assets)} given to the reserve.`,
	'OperatorRegistry.OperatorRegistered': ({ bond }) => `Registered, with a bond of ${hold(bond)}.`,
	'OperatorRegistry.BondAdded': ({ amount }) => `${hold(amount)} bonded.`,
	'OperatorRegistry.BondReleased': ({ amount }) => `${hold(amount)} released.`,
	'OperatorRegistry.DebtPaidFor': ({ amount, left }) => `${hold(amount)} paid; ${hold(left)} still owed.`,
	'OperatorRegistry.ReleaseRequested': ({ amount, era }) =>
		`${hold(amount)} can be released from era ${era} on.`,
};

const hold = (units: bigint | number | undefined) => `${format(BigInt(units ?? 0))} HOLD`;
const sthold = (units: bigint | number | undefined) => `${format(BigInt(units ?? 0))} stHOLD`;

/** A sentence for each event that has one. */
export function outcome(events: ChainEvent[]): string {
	return events
		.flatMap(({ type, value }) => WORDS[`${type}.${value.type}`]?.(value.value as Data) ?? [])
		.join(' ');
}
