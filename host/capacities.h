// The sizes of the host's buffers and of the engine's stack. The linker script (link.ld) has the other sizes.
#pragma once

// At 115200 baud, 2 KB hold what arrives in 178 ms. One pass may take that long before bytes are lost.
#define COMPUTE_RX_BYTES 2048u
#define COMPUTE_TX_BYTES 256u

// 1 KB holds what arrives in 89 ms. The logic does not look for input while it is being loaded, which takes
// 30 ms under wasm3, nor while a sector of flash is erased, which typically takes 45 ms.
#define CONSOLE_RX_BYTES 1024u
#define CONSOLE_TX_BYTES 1024u

/** WebAssembly's own stack: locals and arguments of the deepest chain of calls. Measured: 1 KB in use. */
#define ENGINE_STACK_BYTES 4096u
