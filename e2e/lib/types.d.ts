// SPDX-License-Identifier: Apache-2.0

// What the scenarios read from the chain, as `plain` turns it into values. Amounts are in the smallest
// unit; whatever else the chain has is not listed here.

/** An amount that is released from block `start` to block `end`. */
export interface Stream {
	amount: bigint;
	start: bigint;
	end: bigint;
}

/** The books of the pool. */
export interface Pool {
	idle: bigint;
	bonded: bigint;
	unbonding: bigint;
	owed: bigint;
	withheld: bigint;
	leftover: bigint;
	shares: bigint;
	openBatch: bigint;
	openShares: bigint;
	stream: Stream;
	pendingRewards: bigint;
	pendingEras: bigint;
	prepaidNext: bigint;
	prepaidLater: bigint;
	deposited: bigint;
	enteredIn: bigint | null;
	streamed: bigint;
	streamedOver: bigint;
	reported: bigint;
	holdersShareOfReports: bigint;
	worstPart: bigint;
	waitedFor: bigint;
	stashes: bigint;
	era: bigint | null;
	settledEra: bigint | null;
	eraStart: bigint;
	eraLength: bigint;
	unpaidEra: bigint;
	scan: any;
	phase: any;
	parameters: any;
	fundsWait: boolean;
	reportsChanged: boolean;
}

/** A closed batch that has not got all its assets. */
export interface QueuedBatch {
	id: bigint;
	shares: bigint;
	owed: bigint;
	funded: bigint | null;
	closedIn: bigint;
}

/** The books of the insurance fund. */
export interface FundState {
	underwriting: bigint;
	stream: Stream;
	shares: bigint;
	class: bigint;
	reserve: bigint;
	withheld: bigint;
	locked: bigint;
	reported: bigint;
	allowanceEra: bigint | null;
	allowance: bigint;
	limit: bigint;
	target: bigint;
	slashable: boolean;
	era: bigint | null;
	eraStart: bigint;
	eraLength: bigint;
	nextClaim: bigint;
	nextRequest: bigint;
	nextProvision: bigint;
	bonds: bigint;
	firstDue: bigint | null;
	blocked: { from: bigint; until: bigint } | null;
}

/** What the insurance fund keeps for the reports that are due in one era. */
export interface Provision {
	id: bigint;
	appliedIn: bigint;
	amount: bigint;
	locked: bigint;
	released: bigint;
	parts: number;
	open: bigint;
	paid: bigint;
}

/** What a leaver has left behind for the reports of one provision. */
export interface LeaversPart {
	provision: bigint;
	assets: bigint;
	paid: bigint;
	open: bigint;
}

/** What the registry has found out about a validator. */
export interface Score {
	validator: string;
	operator: string;
	bond: bigint;
	releasing: boolean;
	clusters: bigint[];
	fitness: string;
	netPayout: bigint;
	reliability: bigint;
	penalty: bigint;
	commission: bigint;
	own: bigint;
	others: bigint;
	ours: bigint;
	elected: boolean;
}

/** Parameters of the registry: parts are in billionths. */
export interface RegistryParameters {
	validatorCap: bigint;
	operatorCap: bigint;
	regionCap: bigint;
	providerCap: bigint;
	clientCap: bigint;
	coverageMultiple: bigint;
	floor: bigint;
	maxCommission: bigint;
	minPoints: bigint;
	probation: bigint;
	incident: bigint;
	churn: bigint;
	hysteresis: bigint;
}

/** Parameters of the pool: parts are in billionths. */
export interface PoolParameters {
	minDeposit: bigint;
	minRedemption: bigint;
	buffer: bigint;
	instantFeeMin: bigint;
	instantFeeMax: bigint;
	rewardFee: bigint;
	fundShare: bigint;
}

/** Parameters of the fund: parts are in billionths. */
export interface FundParameters {
	minUnderwriting: bigint;
	premiumMin: bigint;
	premiumMax: bigint;
	yieldMax: bigint;
	reserveLimit: bigint;
	targetFloor: bigint;
	targetCap: bigint;
}
