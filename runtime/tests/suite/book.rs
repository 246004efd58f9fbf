// SPDX-License-Identifier: GPL-3.0-only

//! The pages of the book that are made from the runtime: its parameters, errors and events.
//!
//! Each test makes its page anew from types and constants of the runtime, and compares it with the one
//! in `docs/src`. `make book-pages` writes them.

use codec::Encode;
use frame_support::traits::{Get, PalletInfoAccess};
use holdfast_runtime::{
	configs::staking::{BONDING_DURATION, SESSIONS_PER_ERA, SESSION_LENGTH, SLASH_DEFER_DURATION},
	InsuranceFund, LiquidStaking, OperatorRegistry, Runtime, HOLD,
};
use pallet_insurance_fund as fund;
use pallet_liquid_staking as pool;
use pallet_operator_registry as registry;
use scale_info::{
	form::PortableForm, meta_type, PortableRegistry, Registry, TypeDef, TypeDefPrimitive, TypeInfo,
	Variant,
};
use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

/// Compares `text` with the committed page, or writes the page where `HOLDFAST_BLESS` is set.
fn page(name: &str, text: &str) {
	let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src").join(name);
	let text = format!("{}\n", text.trim_end());
	if std::env::var_os("HOLDFAST_BLESS").is_some() {
		fs::write(&path, &text).expect("the folder of the book can be written to");
	}
	let committed = fs::read_to_string(&path).unwrap_or_default();
	assert!(committed == text, "docs/src/{name} is out of date: run `make book-pages`");
}

const GENERATED: &str = "<!-- Made from the runtime by `make book-pages`. Do not edit. -->\n\n";

// --- Types of the runtime ---

fn registered<T: TypeInfo + 'static>() -> (PortableRegistry, u32) {
	let mut registry = Registry::new();
	let id = registry.register_type(&meta_type::<T>()).id;
	(registry.into(), id)
}

fn variants<T: TypeInfo + 'static>() -> Vec<Variant<PortableForm>> {
	let (types, id) = registered::<T>();
	match &types.resolve(id).unwrap().type_def {
		TypeDef::Variant(def) => def.variants.clone(),
		other => panic!("neither errors nor events: {other:?}"),
	}
}

/// The text of a doc comment, on one line, for a cell of a table.
fn text(docs: &[String]) -> String {
	let text = docs.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
	text.trim().replace("[`", "`").replace("`]", "`").replace('|', "\\|")
}

// --- Parameters ---

/// What a number of a parameter counts.
#[derive(Clone, Copy)]
enum Unit {
	/// The smallest unit of HOLD.
	Hold,
	/// Parts of a billion.
	Part,
	/// Thousandths.
	Thousandth,
	/// So many times something.
	Times,
	/// A plain number of these.
	Of(&'static str),
}

/// What the book says of a parameter.
type Meaning = (&'static str, Unit, &'static str);

const POOL: &[Meaning] = &[
	("min_deposit", Unit::Hold, "The smallest deposit."),
	(
		"min_redemption",
		Unit::Hold,
		"The smallest queued redemption, by what it is worth. All that a holder has may always leave.",
	),
	("buffer", Unit::Part, "The part of all assets that stays idle for instant redemptions."),
	("instant_fee_min", Unit::Part, "The fee of an instant redemption while the buffer is full."),
	("instant_fee_max", Unit::Part, "The fee of the last unit in the buffer."),
	("reward_fee", Unit::Part, "The part of all rewards that the protocol takes as its fee."),
	(
		"fund_share",
		Unit::Part,
		"The part of that fee that is set aside for the insurance fund. The treasury gets the rest.",
	),
];

const FUND: &[Meaning] = &[
	("min_underwriting", Unit::Hold, "The smallest amount that an underwriter brings."),
	("premium_min", Unit::Part, "The part of the rewards paid as premium while the target is met."),
	("premium_max", Unit::Part, "The part of the rewards paid as premium to an empty fund."),
	(
		"yield_max",
		Unit::Part,
		"The most that the premium of one era may be, as a part of what is underwritten.",
	),
	(
		"reserve_limit",
		Unit::Part,
		"The part of the reserve that may pay for the slashes due in one era.",
	),
	("target_floor", Unit::Hold, "The target is never below this."),
	("target_cap", Unit::Hold, "The target is never above this."),
];

const STASHES: Unit = Unit::Of("stashes");
const ERAS: Unit = Unit::Of("eras");

const REGISTRY: &[Meaning] = &[
	("validator_cap", Unit::Part, "The part of the pool's stake that one validator may have."),
	("operator_cap", Unit::Part, "The part that one operator may have."),
	("region_cap", Unit::Part, "The part that one region may have."),
	("provider_cap", Unit::Part, "The part that one hosting provider may have."),
	("client_cap", Unit::Part, "The part that one client may have."),
	(
		"coverage_multiple",
		Unit::Times,
		"The pool may lose at most this many times what the operator itself would lose.",
	),
	(
		"floor",
		Unit::Part,
		"The part of the pool's stake that an operator may have whatever its bond.",
	),
	(
		"max_commission",
		Unit::Part,
		"A validator that asked for more within the bonding duration is not nominated.",
	),
	(
		"min_points",
		Unit::Part,
		"A validator with fewer points in an era, against the mean, loses its nominations.",
	),
	("probation", ERAS, "Eras of good work that a validator must show before it is nominated."),
	(
		"churn",
		STASHES,
		"The most stashes that move in an era only because they earn more elsewhere.",
	),
	(
		"incident",
		Unit::Part,
		"The chance that an operator offends with all validators while stake unbonds.",
	),
	("hysteresis", Unit::Thousandth, "How much more a stash must earn elsewhere before it moves."),
];

/// The fields of a struct of numbers, in order, each with its width in bytes and its value.
fn fields<P: TypeInfo + Encode + 'static>(parameters: &P) -> Vec<(String, usize, u128)> {
	let (types, id) = registered::<P>();
	let TypeDef::Composite(def) = &types.resolve(id).unwrap().type_def else {
		panic!("parameters are a struct")
	};
	let bytes = parameters.encode();
	let mut rest = &bytes[..];
	let mut take = |width| {
		let (number, after) = rest.split_at(width);
		rest = after;
		number.iter().rev().fold(0, |sum: u128, byte| (sum << 8) | u128::from(*byte))
	};
	let fields = def.fields.iter().map(|field| {
		let width = width_of(&types, field.ty.id);
		(field.name.clone().unwrap(), width, take(width))
	});
	let fields: Vec<_> = fields.collect();
	assert!(rest.is_empty(), "all parameters are numbers");
	fields
}

fn width_of(types: &PortableRegistry, id: u32) -> usize {
	match &types.resolve(id).unwrap().type_def {
		TypeDef::Primitive(TypeDefPrimitive::U128) => 16,
		TypeDef::Primitive(TypeDefPrimitive::U32) => 4,
		// A fraction.
		TypeDef::Composite(def) => {
			def.fields.iter().map(|field| width_of(types, field.ty.id)).sum()
		},
		other => panic!("not a number: {other:?}"),
	}
}

/// A number with a comma between each three digits.
fn grouped(number: u128) -> String {
	let digits = number.to_string();
	let mut text = String::new();
	for (i, digit) in digits.chars().enumerate() {
		if i > 0 && (digits.len() - i).is_multiple_of(3) {
			text.push(',');
		}
		text.push(digit);
	}
	text
}

/// `number / unit` as a decimal fraction, exactly.
fn decimal(number: u128, unit: u128) -> String {
	let (whole, mut rest) = (grouped(number / unit), number % unit);
	let (mut digits, mut unit) = (String::new(), unit);
	while rest > 0 {
		unit /= 10;
		write!(digits, "{}", rest / unit).unwrap();
		rest %= unit;
	}
	if digits.is_empty() {
		whole
	} else {
		format!("{whole}.{digits}")
	}
}

fn in_unit(number: u128, unit: Unit) -> String {
	match unit {
		Unit::Hold => format!("{} HOLD", decimal(number, HOLD)),
		Unit::Part => format!("{} %", decimal(number, 10_000_000)),
		Unit::Thousandth => format!("{} %", decimal(number, 10)),
		Unit::Times => format!("{}×", grouped(number)),
		Unit::Of("eras") if number == 1 => "1 era".to_string(),
		Unit::Of(what) => format!("{} {what}", grouped(number)),
	}
}

/// A table of parameters: what the runtime begins with, and between what governance may choose.
fn table<P: TypeInfo + Encode + 'static>(
	default: &P,
	meanings: &[Meaning],
	bounds: impl Fn(usize) -> (u128, u128),
	shown: impl Fn(&str, String) -> String,
) -> String {
	let fields = fields(default);
	let names: Vec<&str> = fields.iter().map(|(name, ..)| name.as_str()).collect();
	let known: Vec<&str> = meanings.iter().map(|(name, ..)| *name).collect();
	assert_eq!(names, known, "runtime/tests/suite/book.rs says what each parameter is");
	let mut text = String::from("| parameter | what it is | at genesis | least | most |\n");
	text.push_str("| --- | --- | --- | --- | --- |\n");
	for (i, ((name, unit, what), (_, _, value))) in meanings.iter().zip(&fields).enumerate() {
		let (least, most) = bounds(i);
		assert!(least <= *value && *value <= most, "{name} is out of its bounds");
		let [least, most] = [least, most].map(|number| in_unit(number, *unit));
		let value = shown(name, in_unit(*value, *unit));
		writeln!(text, "| `{name}` | {what} | {value} | {least} | {most} |").unwrap();
	}
	text.push('\n');
	text
}

/// The bounds of parameters that lie between two constants, field by field.
fn between<P: TypeInfo + Encode + 'static>(min: &P, max: &P) -> impl Fn(usize) -> (u128, u128) {
	let (min, max) = (fields(min), fields(max));
	move |i| (min[i].2, max[i].2)
}

/// A row of constants that depend on the clock: what it is, on a development chain, in production, and
/// in the runtime that is tested.
type Clocked = (&'static str, u32, u32, u32);

fn clock() -> Vec<Clocked> {
	let probation = <Runtime as registry::Config>::DefaultParameters::get().probation;
	let suspension = <Runtime as registry::Config>::MaxSuspension::get();
	let era = SESSIONS_PER_ERA * SESSION_LENGTH;
	vec![
		("blocks in a session", 16, 3_600, SESSION_LENGTH),
		("sessions in an era", 3, 4, SESSIONS_PER_ERA),
		("blocks in an era", 48, 14_400, era),
		("eras until unbonded stake is free (bonding duration)", 3, 28, BONDING_DURATION),
		("eras between a report and its slash (deferral)", 2, 27, SLASH_DEFER_DURATION),
		("eras of probation", 2, 14, probation),
		("longest suspension by a guardian, in eras", 3, 28, suspension),
		(
			"blocks until new parameters of the pool act",
			288,
			446_400,
			<Runtime as pool::Config>::ParametersDelay::get(),
		),
		(
			"blocks until new parameters of the fund act",
			384,
			475_200,
			<Runtime as fund::Config>::ParametersDelay::get(),
		),
		(
			"blocks until new parameters of the registry act",
			384,
			475_200,
			<Runtime as registry::Config>::ParametersDelay::get(),
		),
	]
}

/// Limits that do not depend on the clock: the pallet, the constant, what it limits, how many.
fn limits() -> Vec<(&'static str, &'static str, &'static str, u32)> {
	vec![
		("pool", "MaxStashes", "stashes in use", <Runtime as pool::Config>::MaxStashes::get()),
		(
			"pool",
			"MaxBatches",
			"batches that are closed and not funded",
			<Runtime as pool::Config>::MaxBatches::get(),
		),
		("pool", "MaxReports", "open reports", <Runtime as pool::Config>::MaxReports::get()),
		(
			"pool",
			"HistoryDepth",
			"eras for which rewards can be paid out",
			<Runtime as pool::Config>::HistoryDepth::get(),
		),
		(
			"registry",
			"MaxValidators",
			"validators in the registry",
			<Runtime as registry::Config>::MaxValidators::get(),
		),
		(
			"registry",
			"MaxValidatorsPerOperator",
			"validators of one operator's account",
			<Runtime as registry::Config>::MaxValidatorsPerOperator::get(),
		),
		(
			"fund",
			"MaxRequests",
			"requests of one underwriter",
			<Runtime as fund::Config>::MaxRequests::get(),
		),
		("fund", "MaxClaims", "open insurance claims", <Runtime as fund::Config>::MaxClaims::get()),
		(
			"fund",
			"MaxProvisions",
			"eras in which open reports are due",
			<Runtime as fund::Config>::MaxProvisions::get(),
		),
		(
			"fund",
			"MaxBonds",
			"validators whose operators' bonds are counted ahead",
			<Runtime as fund::Config>::MaxBonds::get(),
		),
		(
			"fund",
			"MaxHistory",
			"past insurance claims that are kept, and claims in one answer",
			<Runtime as fund::Config>::MaxHistory::get(),
		),
	]
}

/// A delay in blocks as eras beyond the bonding duration.
fn delay(blocks: u32) -> String {
	let era = SESSIONS_PER_ERA * SESSION_LENGTH;
	assert_eq!(blocks % era, 0, "a delay is a number of eras");
	format!("the bonding duration and {} eras", blocks / era - BONDING_DURATION)
}

#[test]
fn the_page_of_parameters_is_up_to_date() {
	let mut text = String::from("# Parameters\n\n");
	text.push_str(GENERATED);
	text.push_str(
		"All parameters are set by governance: by `setParameters` of each pallet, with root.\n\
		 A call sets all parameters of its pallet at once. A part is a fraction of one (`Perbill`).\n\
		 The runtime begins with the numbers under *at genesis*.\n\n",
	);

	text.push_str("## The clock\n\n");
	text.push_str(
		"The runtime has two clocks. A production chain has eras of a day. A development chain has\n\
		 short eras (the cargo feature `fast-runtime`).\n\n",
	);
	text.push_str("| what | development | production |\n| --- | --- | --- |\n");
	for (what, fast, production, actual) in clock() {
		let expected = if cfg!(feature = "fast-runtime") { fast } else { production };
		assert_eq!(actual, expected, "{what}");
		let [fast, production] = [fast, production].map(|number| grouped(number.into()));
		writeln!(text, "| {what} | {fast} | {production} |").unwrap();
	}

	let as_is = |_: &str, value: String| value;
	text.push_str("\n## The pool\n\n");
	let blocks = <Runtime as pool::Config>::ParametersDelay::get();
	writeln!(text, "New parameters act after {}.", delay(blocks)).unwrap();
	text.push_str("So everybody who asks at once has left by then. Also required:\n");
	text.push_str("`instant_fee_min` is at most `instant_fee_max`.\n\n");
	text.push_str(&table(
		&<Runtime as pool::Config>::DefaultParameters::get(),
		POOL,
		between(
			&<Runtime as pool::Config>::MinParameters::get(),
			&<Runtime as pool::Config>::MaxParameters::get(),
		),
		as_is,
	));

	text.push_str("## The insurance fund\n\n");
	let blocks = <Runtime as fund::Config>::ParametersDelay::get();
	writeln!(text, "New parameters act after {}.", delay(blocks)).unwrap();
	text.push_str("So every underwriter who asks at once has left by then. Also required:\n");
	text.push_str(
		"`premium_min` is at most `premium_max`, `target_floor` at most `target_cap`.\n\n",
	);
	text.push_str(&table(
		&<Runtime as fund::Config>::DefaultParameters::get(),
		FUND,
		between(
			&<Runtime as fund::Config>::MinParameters::get(),
			&<Runtime as fund::Config>::MaxParameters::get(),
		),
		as_is,
	));

	text.push_str("## The operator registry\n\n");
	let blocks = <Runtime as registry::Config>::ParametersDelay::get();
	writeln!(text, "New parameters act after {}.", delay(blocks)).unwrap();
	text.push_str(
		"So every holder and every underwriter who asks at once has left by then. A selection that has\n\
		 begun before goes on with the old ones.\n\n\
		 A cap is rounded down. But it holds at least one stash of up to twice the mean, and its part\n\
		 of the number of stashes, if they stake at most a twentieth more.\n\n",
	);
	let default = <Runtime as registry::Config>::DefaultParameters::get();
	let probation = clock().into_iter().find(|(what, ..)| *what == "eras of probation").unwrap();
	text.push_str(&table(
		&default,
		REGISTRY,
		between(
			&<Runtime as registry::Config>::MinParameters::get(),
			&<Runtime as registry::Config>::MaxParameters::get(),
		),
		|name, value| match name {
			"probation" => format!("{} eras ({} in development)", probation.2, probation.1),
			_ => value,
		},
	));

	text.push_str("## Limits\n\n");
	text.push_str("These are constants of the runtime. Only an upgrade changes them.\n\n");
	text.push_str("| pallet | constant | the most | value |\n| --- | --- | --- | --- |\n");
	for (pallet, constant, what, value) in limits() {
		writeln!(text, "| {pallet} | `{constant}` | {what} | {} |", grouped(value.into())).unwrap();
	}
	let bond = in_unit(<Runtime as registry::Config>::MinBond::get(), Unit::Hold);
	writeln!(text, "\nThe least that an operator bonds (`MinBond`) is {bond}.").unwrap();
	page("parameters.md", &text);
}

// --- Errors ---

/// What somebody who gets an error can do, by its name.
type Advice = &'static [(&'static str, &'static str)];

const OPERATORS_OF_THE_CHAIN: &str =
	"Nothing but tell those who run the chain: the record must be repaired.";
const IN_EVENTS: &str = "Nothing: it is told only in `StepFailed`, and the next era tries again.";

const POOL_ADVICE: Advice = &[
	("DepositTooSmall", "Deposit at least `minDeposit`, see `parameters()`."),
	("SharesBelowMinimum", "Ask `previewDeposit` again, and send with the new amount."),
	("RedemptionTooSmall", "Ask for more, or for all shares that you hold."),
	("InsufficientShares", "Ask for at most `maxRedeem`."),
	("NotClaimableYet", "Wait. `redemptionsOf` tells the era in which it is expected."),
	("NothingToClaim", "Nothing: somebody may have claimed for you. See the event `Claimed`."),
	("NothingToDo", "Nothing: the work of this era is done."),
	("BufferTooLow", "Ask for at most `maxRedeemInstantly`, or use `requestRedeem`."),
	("AssetsBelowMinimum", "Ask `previewRedeemInstantly` again, and send with the new amount."),
	("ReportsPending", "Try again in two blocks, or use `requestRedeem`, which does not wait."),
	("ClassWiped", "Try again in the next era."),
	("ClassNotClosed", "Use `requestRedeem`, if these are the shares that deposits buy now."),
	("ParameterOutOfBounds", "Choose a number within the bounds on the page of parameters."),
	("TooManyReports", IN_EVENTS),
	("BondsLess", IN_EVENTS),
	("ReleasesEarly", IN_EVENTS),
	("LedgerMismatch", IN_EVENTS),
	("StashNotEndowed", "Anybody may send the stash the existential deposit."),
	("Undecodable", OPERATORS_OF_THE_CHAIN),
	("QueueFull", IN_EVENTS),
	("TooManyStashes", IN_EVENTS),
	("TooManyChunks", IN_EVENTS),
	("BatchMismatch", OPERATORS_OF_THE_CHAIN),
];

const REGISTRY_ADVICE: Advice = &[
	("AlreadyRegistered", "Use `updateProfile`, or another account."),
	("NotRegistered", "Register first, or check the operator's account."),
	("BadProfile", "Use 1 to 32 of the allowed characters in each of the four fields."),
	("ProfileChanged", "Read the profile again, check it, and attest that one."),
	("Leaving", "Wait until the bond is released. Then the account may register anew."),
	("NotACandidate", "Let the validator call `staking.validate` first."),
	("TooManyValidators", "Remove one, or register another account with the same name."),
	("RegistryFull", "Free a place with `forgetValidator`, where a validator is idle."),
	("ValidatorTaken", "Let the other operator remove it, and wait until it is off the record."),
	("AlreadyAdded", "Let the validator confirm."),
	("NotAdded", "Let the operator call `addValidator` first."),
	("UnknownValidator", "Check the account. It may have been removed already."),
	("NotAllowed", "Use the account of the validator or of its operator, or ask governance."),
	("NothingToBond", "Send an amount above zero."),
	("BondTooSmall", "Leave at least `MinBond`, or use `deregister`."),
	("ReleasePending", "Wait for the release that you asked for before."),
	("NothingToRelease", "Call `requestBondRelease` first."),
	("StillLiable", "Wait. The event `ReleaseRequested` names the first era in which it may work."),
	("InDebt", "Pay what is owed with `payDebt` or `bondMore`."),
	("SuspensionTooLong", "Choose fewer eras: at most `MaxSuspension` from the first era on."),
	("ParameterOutOfBounds", "Choose a number within the bounds on the page of parameters."),
	("NoSessionKeys", "Let the validator call `session.setKeys` first."),
	("NothingOwed", "Check the validator. Its debt may have been paid already."),
	("SuspendedLately", "Wait, or ask governance."),
	(
		"StillOfUse",
		"Name an idle validator on which no plan had a stash, once the registry is full.",
	),
	("Undecodable", OPERATORS_OF_THE_CHAIN),
];

const FUND_ADVICE: Advice = &[
	("TooLittle", "Send at least `min_underwriting`; a gift to the reserve must be above zero."),
	("SharesBelowMinimum", "Ask for the price again, and send with a lower `min_shares`."),
	("InsufficientShares", "Ask for at most the shares for which there is no request yet."),
	("TooManyRequests", "Follow up a request, or wait until one lapses."),
	("UnknownRequest", "Check the number in `WithdrawalRequested`, and the account."),
	("NotMature", "Wait until the era `maturesIn` of `WithdrawalRequested`."),
	("Lapsed", "Call `requestWithdraw` again. The shares have been yours all the time."),
	("ReportsPending", "Try again in two blocks."),
	("AllWithheld", "Try again when the reports are gone. The request is kept for that time."),
	("ParameterOutOfBounds", "Choose a number within the bounds on the page of parameters."),
	("Undecodable", OPERATORS_OF_THE_CHAIN),
	("NoRoomToWithhold", OPERATORS_OF_THE_CHAIN),
];

fn errors<E: TypeInfo + 'static, P: PalletInfoAccess>(title: &str, advice: Advice) -> String {
	let errors = variants::<E>();
	let names: Vec<&str> = errors.iter().map(|error| error.name.as_str()).collect();
	let known: Vec<&str> = advice.iter().map(|(name, _)| *name).collect();
	assert_eq!(names, known, "runtime/tests/suite/book.rs says what to do about each error");
	let mut page = format!("## {title}\n\n`{}`, pallet index {}.\n\n", P::name(), P::index());
	page.push_str(
		"| index | error | what it means | what you can do |\n| --- | --- | --- | --- |\n",
	);
	for (error, (_, todo)) in errors.iter().zip(advice) {
		let meaning = text(&error.docs);
		writeln!(page, "| {} | `{}` | {meaning} | {todo} |", error.index, error.name).unwrap();
	}
	page.push('\n');
	page
}

#[test]
fn the_page_of_errors_is_up_to_date() {
	let mut text = String::from("# Errors\n\n");
	text.push_str(GENERATED);
	text.push_str(
		"A call that fails changes nothing, but its fee is paid. The error comes as a module\n\
		 error: the index of the pallet, and the index of the error in it.\n\n\
		 Other pallets have errors too. The most frequent: `Token(FundsUnavailable)` and\n\
		 `Token(NotExpendable)` mean that the account has too little, its existential deposit included.\n\
		 `System(CallFiltered)` means that [nobody may make this call](accounts-and-proxies.md).\n\n",
	);
	text += &errors::<pool::Error<Runtime>, LiquidStaking>("The pool", POOL_ADVICE);
	text += &errors::<registry::Error<Runtime>, OperatorRegistry>("The registry", REGISTRY_ADVICE);
	text += &errors::<fund::Error<Runtime>, InsuranceFund>("The insurance fund", FUND_ADVICE);
	page("errors.md", &text);
}

// --- Events ---

fn events<E: TypeInfo + 'static, P: PalletInfoAccess>(title: &str) -> String {
	let mut page = format!("## {title}\n\n`{}`, pallet index {}.\n\n", P::name(), P::index());
	page.push_str("| index | event | when | fields |\n| --- | --- | --- | --- |\n");
	let by_index: BTreeMap<u8, _> =
		variants::<E>().into_iter().map(|event| (event.index, event)).collect();
	for (index, event) in by_index {
		let fields: Vec<String> = event
			.fields
			.iter()
			.map(|field| format!("`{}`: {}", field.name.as_ref().unwrap(), text(&field.docs)))
			.collect();
		let (name, when, fields) = (event.name, text(&event.docs), fields.join("<br>"));
		writeln!(page, "| {index} | `{name}` | {when} | {fields} |").unwrap();
	}
	page.push('\n');
	page
}

#[test]
fn the_page_of_events_is_up_to_date() {
	let mut text = String::from("# Events\n\n");
	text.push_str(GENERATED);
	text.push_str(
		"All amounts are in the smallest unit: ten decimals for HOLD and for stHOLD.\n\
		 [Interfaces](interfaces.md) says which events an indexer needs.\n\n",
	);
	text += &events::<pool::Event<Runtime>, LiquidStaking>("The pool");
	text += &events::<registry::Event<Runtime>, OperatorRegistry>("The registry");
	text += &events::<fund::Event<Runtime>, InsuranceFund>("The insurance fund");
	page("events.md", &text);
}
