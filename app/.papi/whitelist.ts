// SPDX-License-Identifier: Apache-2.0

// What the page reads and sends: the descriptors hold nothing else, which makes them a quarter as large.
import type { WhitelistEntriesByChain } from './descriptors';

export const whitelist: WhitelistEntriesByChain = {
	holdfast: [
		'api.AccountNonceApi.account_nonce',
		'api.InsuranceFundApi.*',
		'api.LiquidStakingApi.*',
		'api.OperatorRegistryApi.*',
		'const.Balances.ExistentialDeposit',
		'const.InsuranceFund.*',
		'const.LiquidStaking.*',
		'const.OperatorRegistry.*',
		'const.Staking.BondingDuration',
		'const.System.Version',
		'query.Assets.Account',
		'query.Assets.Asset',
		'query.InsuranceFund.*',
		'query.LiquidStaking.*',
		'query.OperatorRegistry.*',
		'query.Staking.ActiveEra',
		'query.System.Account',
		'query.System.LastRuntimeUpgrade',
		'query.Timestamp.Now',
		'tx.InsuranceFund.*',
		'tx.LiquidStaking.*',
		'tx.OperatorRegistry.*',
		'view.InsuranceFund.preview_underwrite',
	],
};
