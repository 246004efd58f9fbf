// SPDX-License-Identifier: Apache-2.0

class Ui {
	dialog = $state<'account' | 'network' | undefined>();
}

export const ui = new Ui();
