// SPDX-License-Identifier: Apache-2.0

// A sentence for every reason for which the chain can refuse what this page sends. test/unit/errors.test.ts
// compares the pallets' part with the metadata, so that a new error cannot go without words.

const SENTENCES: Record<string, Record<string, string>> = {
	LiquidStaking: {
		DepositTooSmall: 'The deposit is below the minimum.',
		SharesBelowMinimum: 'The price moved, and the deposit would have bought fewer stHOLD than you asked for.',
		RedemptionTooSmall: 'The redemption is below the minimum. Less than that can only leave as all that you have.',
		InsufficientShares: 'You have fewer stHOLD than that.',
		NotClaimableYet: 'The batch is still open or waits for its HOLD to unbond.',
		NothingToClaim: 'There is nothing to claim, or it was claimed already.',
		NothingToDo: 'The work of this era is done: there is nothing to push on.',
		BufferTooLow: 'More than the buffer holds. Ask for less, or queue.',
		AssetsBelowMinimum: 'The price or the fee moved, and you would have got less HOLD than you asked for.',
		ReportsPending: 'A slash was reported a moment ago and is being read. Try again in two blocks.',
		ClassWiped:
			'A slash took nearly all of what these shares were worth. A new class of shares begins with the next era.',
		ClassNotClosed: 'These shares are not closed: redeem them instead.',
		ParameterOutOfBounds: 'A parameter is out of its bounds.',
		TooManyReports: 'There are more reports than the pool can keep. It reads them as soon as there is room.',
		BondsLess: 'The staking pallet would have bonded less than was asked.',
		ReleasesEarly: 'Stake would have been released that can still be slashed.',
		LedgerMismatch: 'The stake of an account of the pool is not what its books say. The next era corrects that.',
		StashNotEndowed: 'An account of the pool lacks its existential deposit. Anybody can send it one.',
		Undecodable: 'A record of the pool cannot be read. Nothing is done with it until it is repaired.',
		QueueFull: 'As many batches are closed as the queue has room for. Try again when one was paid.',
		TooManyStashes: 'The pool has more accounts than a plan has room for.',
		TooManyChunks: 'More of an account of the pool unbonds in parts than its books have room for.',
		BatchMismatch:
			'The books of this batch do not fit its redemptions. Nothing is paid: tell those who run the chain.',
	},
	InsuranceFund: {
		TooLittle: 'It is less than the least that is accepted.',
		SharesBelowMinimum: 'The price moved, and you would have got fewer shares than you asked for.',
		InsufficientShares: 'You have fewer shares that you have not asked to withdraw.',
		TooManyRequests: 'You have as many requests as there can be. Follow one up first.',
		UnknownRequest: 'You have made no such request, or its shares are void.',
		NotMature: 'The request can be followed up in a later era.',
		Lapsed: 'The request was not followed up in time. Your shares are as if it had not been made.',
		ReportsPending: 'A slash was reported a moment ago and is being read. Try again in two blocks.',
		AllWithheld: 'All of it is withheld for slashes that are reported. Try again when they are gone.',
		ParameterOutOfBounds: 'A parameter is out of its bounds.',
		Undecodable: 'A record of the fund cannot be read. Nothing is done with it until it is repaired.',
		NoRoomToWithhold:
			'There is no room for what would be withheld from you. This is a defect: tell those who run the chain.',
	},
	OperatorRegistry: {
		AlreadyRegistered: 'This account is an operator already.',
		NotRegistered: 'This account is no operator.',
		BadProfile:
			'A label is empty, or has other characters than lower case letters, digits, points, hyphens and underscores.',
		ProfileChanged: 'The profile is not the one that was checked.',
		Leaving: 'The operator is leaving.',
		NotACandidate: 'The account does not stand for election.',
		TooManyValidators: 'The operator has as many validators as it may have, those that have left included.',
		RegistryFull: 'The registry is full. Anybody may take a validator off it that is of no use.',
		ValidatorTaken: 'The validator has an operator, or had one not long ago.',
		AlreadyAdded: 'You have added this validator already. It has to confirm.',
		NotAdded: 'The operator has not added this validator. It has to do so first.',
		UnknownValidator: 'The account is no validator of the registry.',
		NotAllowed: 'Only the validator itself and its operator can do this.',
		NothingToBond: 'The amount is zero.',
		BondTooSmall: 'The bond that is left would be less than the minimum.',
		ReleasePending: 'Another part of the bond waits to be released. Release that first.',
		NothingToRelease: 'Nothing is to be released.',
		StillLiable: 'That part of the bond is still liable for what happened before. It can be released later.',
		InDebt: 'What a bond could not pay is still owed. Pay the debt first.',
		SuspensionTooLong: 'No suspension lasts so long.',
		ParameterOutOfBounds: 'A parameter is out of its bounds.',
		NoSessionKeys: 'The validator has registered no session keys: it could not author a block.',
		NothingOwed: 'Nothing is owed for this validator, or the amount is zero.',
		SuspendedLately: 'The operator was suspended not long ago and must be left alone for a time.',
		StillOfUse: 'The validator may still be of use, or there is room for it.',
		Undecodable: 'A record that is needed cannot be read. It is left as it is.',
	},
	Balances: {
		InsufficientBalance: 'The account has too little HOLD.',
		LiquidityRestrictions: 'The HOLD of the account is locked.',
		ExistentialDeposit: 'The amount is too small to open an account.',
		Expendability: 'The account would be left with less than the existential deposit.',
	},
	Assets: {
		BalanceLow: 'The account has too few stHOLD.',
		NoAccount: 'The account has no stHOLD.',
		Frozen: 'The stHOLD of the account are frozen.',
	},
	Proxy: {
		NotProxy: 'The account is no proxy of that one.',
		Unproxyable: 'This kind of proxy may not do that.',
	},
};

const TOKEN: Record<string, string> = {
	FundsUnavailable: 'The account has too little HOLD for that.',
	OnlyProvider: 'The account would be left with less than the existential deposit.',
	BelowMinimum: 'The amount is too small to open an account: it is below the existential deposit.',
	CannotCreate: 'The account cannot be opened.',
	UnknownAsset: 'There is no such token.',
	Frozen: 'These funds are frozen.',
	Unsupported: 'The token does not support that.',
	CannotCreateHold: 'No more of the account can be held.',
	NotExpendable: 'The account would be left with less than the existential deposit.',
	Blocked: 'The account accepts nothing.',
};

const PLAIN: Record<string, string> = {
	BadOrigin: 'This account may not do that.',
	CannotLookup: 'An account of the call is not known.',
	ConsumerRemaining: 'The account is still in use.',
	NoProviders: 'The account does not exist yet. Send it some HOLD first.',
	TooManyConsumers: 'The account is used for too many things.',
	Arithmetic: 'An amount is too large or too small to be computed with.',
	Transactional: 'The call has too many layers.',
	Exhausted: 'The block had no room for it. Try again.',
	Corruption: 'The state of the chain is corrupt.',
	Unavailable: 'A part of the chain is not available at the moment. Try again later.',
	RootNotAllowed: 'Root may not do that.',
	Trie: 'A proof was not valid.',
	Other: 'The chain gave no reason.',
};

const INVALID: Record<string, string> = {
	Payment: 'The account has too little HOLD to pay the fee.',
	Stale: 'A transaction of this account with the same number was already made. Try again.',
	Future: 'An earlier transaction of this account is still on its way. Wait for it.',
	BadProof: 'The signature does not fit. Was the chain upgraded, or has the wallet another account?',
	AncientBirthBlock: 'It took too long: the transaction was out of date before it arrived. Try again.',
	ExhaustsResources: 'The block has no room for it. Try again.',
	Call: 'The chain does not accept this call from this account.',
	BadMandatory: 'The chain does not accept this call from an account.',
	MandatoryValidation: 'The chain does not accept this call from an account.',
	BadSigner: 'The signer is not valid.',
	IndeterminateImplicit: 'The wallet and the chain disagree on what is signed. Update the wallet.',
	UnknownOrigin: 'The chain does not accept this call from this account.',
};

interface Variant {
	type: string;
	value?: unknown;
}

const isVariant = (value: unknown): value is Variant =>
	typeof value === 'object' && value !== null && typeof (value as Variant).type === 'string';

/** The sentence for an error of a pallet; nothing if it has none. */
export function sentenceOf(pallet: string, error: string): string | undefined {
	return SENTENCES[pallet]?.[error];
}

/** What a failed dispatch means, in words. */
export function explainDispatch(error: unknown): string {
	if (!isVariant(error)) return 'The chain gave no reason.';
	const { type, value } = error;
	if (type === 'Module' && isVariant(value)) {
		const name = isVariant(value.value) ? value.value.type : '';
		return sentenceOf(value.type, name) ?? `${value.type} refused it: ${name || 'no reason given'}.`;
	}
	if (type === 'Token' && isVariant(value)) return TOKEN[value.type] ?? `Token: ${value.type}.`;
	return PLAIN[type] ?? `The chain refused it: ${type}.`;
}

/** Why a transaction gets into no block, in words. */
export function explainInvalid(error: unknown): string {
	if (!isVariant(error)) return 'The chain does not accept the transaction.';
	const inner = isVariant(error.value) ? error.value.type : error.type;
	return INVALID[inner] ?? `The chain does not accept the transaction: ${inner}.`;
}
