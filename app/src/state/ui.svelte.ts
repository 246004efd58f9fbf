class Ui {
	dialog = $state<'account' | 'network' | undefined>();
}

export const ui = new Ui();
