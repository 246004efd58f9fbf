// SPDX-License-Identifier: Apache-2.0

//! What a host calls to measure the planner in Wasm.

// The exports, and the memory.
#![allow(unsafe_code)]

use crate::{checksum, hard, timing};
use alloc::boxed::Box;
use core::{
	alloc::{GlobalAlloc, Layout},
	sync::atomic::{AtomicUsize, Ordering},
};
use holdfast_planner::{plan, Input};

/// Hands out memory and takes none back, but for `reset`.
struct Bump;

static NEXT: AtomicUsize = AtomicUsize::new(0);

const PAGE: usize = 65_536;

unsafe impl GlobalAlloc for Bump {
	unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
		let next = match NEXT.load(Ordering::Relaxed) {
			0 => core::arch::wasm32::memory_size(0) * PAGE,
			next => next,
		};
		let begin = next.next_multiple_of(layout.align());
		let end = begin + layout.size();
		let have = core::arch::wasm32::memory_size(0) * PAGE;
		if end > have {
			core::arch::wasm32::memory_grow(0, (end - have).div_ceil(PAGE));
		}
		NEXT.store(end, Ordering::Relaxed);
		begin as *mut u8
	}

	unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ALLOCATOR: Bump = Bump;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
	core::arch::wasm32::unreachable()
}

/// Makes the instance of [`timing`] and returns its address.
#[no_mangle]
pub extern "C" fn prepare(candidates: u32, stashes: u32, seed: u32) -> *const Input {
	Box::leak(Box::new(timing(candidates, stashes, seed.into())))
}

/// Makes the instance of [`hard`] and returns its address.
#[no_mangle]
pub extern "C" fn prepare_hard(mixed: u32) -> *const Input {
	Box::leak(Box::new(hard(mixed > 0)))
}

/// Plans it, and returns the plan's checksum. The memory of the plan is used again by the next.
///
/// # Safety
///
/// The address is one that `prepare` or `prepare_hard` returned.
#[no_mangle]
pub unsafe extern "C" fn run(input: *const Input) -> u64 {
	let begin = NEXT.load(Ordering::Relaxed);
	let sum = checksum(&plan(&*input));
	NEXT.store(begin, Ordering::Relaxed);
	sum
}
