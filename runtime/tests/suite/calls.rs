// SPDX-License-Identifier: GPL-3.0-only

//! One call of each that the runtime has.

use codec::{Compact, Decode, Encode};
use holdfast_runtime::RuntimeCall;
use scale_info::{meta_type, PortableRegistry, Registry, TypeDef, TypeDefPrimitive};
use std::collections::BTreeMap;

/// One call of each name, with the simplest arguments, by `(pallet, call)`.
pub fn calls() -> BTreeMap<(String, String), RuntimeCall> {
	let mut registry = Registry::new();
	let root = registry.register_type(&meta_type::<RuntimeCall>()).id;
	let types = PortableRegistry::from(registry);
	let mut calls = BTreeMap::new();
	for pallet in variants(&types, root) {
		let [field] = &pallet.fields[..] else { panic!("{} has one field", pallet.name) };
		for call in variants(&types, field.ty.id) {
			let mut bytes = vec![pallet.index, call.index];
			call.fields.iter().for_each(|field| simplest(&types, field.ty.id, &mut bytes));
			let decoded = RuntimeCall::decode(&mut &bytes[..])
				.unwrap_or_else(|why| panic!("{}.{}: {why}", pallet.name, call.name));
			assert_eq!(decoded.encode(), bytes, "{}.{}", pallet.name, call.name);
			calls.insert((pallet.name.clone(), call.name.clone()), decoded);
		}
	}
	calls
}

type Variant = scale_info::Variant<scale_info::form::PortableForm>;

fn variants(types: &PortableRegistry, id: u32) -> Vec<Variant> {
	match &types.resolve(id).unwrap().type_def {
		TypeDef::Variant(def) => def.variants.clone(),
		other => panic!("not a call: {other:?}"),
	}
}

/// Encodes the simplest value of a type: zero, nothing, the first of its variants.
fn simplest(types: &PortableRegistry, id: u32, bytes: &mut Vec<u8>) {
	match &types.resolve(id).unwrap().type_def {
		TypeDef::Composite(def) => {
			def.fields.iter().for_each(|field| simplest(types, field.ty.id, bytes))
		},
		TypeDef::Tuple(def) => def.fields.iter().for_each(|ty| simplest(types, ty.id, bytes)),
		TypeDef::Array(def) => {
			(0..def.len).for_each(|_| simplest(types, def.type_param.id, bytes));
		},
		TypeDef::Variant(def) => {
			let first = def.variants.first().unwrap();
			bytes.push(first.index);
			first.fields.iter().for_each(|field| simplest(types, field.ty.id, bytes));
		},
		TypeDef::Sequence(_) | TypeDef::Compact(_) => Compact(0u32).encode_to(bytes),
		TypeDef::Primitive(def) => {
			let width = match def {
				TypeDefPrimitive::Bool | TypeDefPrimitive::U8 | TypeDefPrimitive::I8 => 1,
				TypeDefPrimitive::U16 | TypeDefPrimitive::I16 => 2,
				TypeDefPrimitive::U32 | TypeDefPrimitive::I32 => 4,
				TypeDefPrimitive::U64 | TypeDefPrimitive::I64 => 8,
				TypeDefPrimitive::U128 | TypeDefPrimitive::I128 => 16,
				TypeDefPrimitive::U256 | TypeDefPrimitive::I256 => 32,
				TypeDefPrimitive::Str => 1,
				TypeDefPrimitive::Char => panic!("no call has it"),
			};
			bytes.extend(vec![0; width]);
		},
		TypeDef::BitSequence(_) => panic!("no call has it"),
	}
}
