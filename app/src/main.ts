// SPDX-License-Identifier: Apache-2.0

import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';

// A page that frames this one could have somebody click what they do not see.
if (window.top === window.self) mount(App, { target: document.getElementById('app')! });
else document.body.textContent = 'Holdfast does not run inside another page.';
