// Generated from abi/contract.ts by `npm run generate`. Do not edit.
#pragma once

#include "wasm3.h"

// Binds every import of the contract to the host's functions. An import that the module does
// not use is skipped; one that the contract does not offer stays unbound and is refused by the engine.
M3Result link_imports(IM3Module module);

// Trap reasons of the glue, told apart by address.
extern const char engine_bad_argument[];
extern const char engine_abort_called[];
