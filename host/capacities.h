// Every buffer size and period of the host that is not the linker script's.
#pragma once

// At 115200 baud 2 KB last 178 ms: a pass through the logic may take that long before bytes drop.
#define COMPUTE_RX_BYTES 2048u
#define COMPUTE_TX_BYTES 256u
#define CONSOLE_RX_BYTES 256u
#define CONSOLE_TX_BYTES 1024u

/** A pass costs thousands of cycles: boot-log bytes are worth one in numbers, or when the line rests. */
#define COMPUTE_RX_EVENT_BYTES 128u

#define UART_BAUD 115200u

/** The logic gets a pass at least so often, and the watchdog with it. */
#define IDLE_PASS_US 500000u

/** How long a restart that was asked for waits for the console to be sent. From the contract. */
#define RESTART_DRAIN_US 100000u

/**
 * A transfer on the sensor bus: the longest takes 1 ms, and a target may stretch the clock. Chosen; the logic
 * looks when it is over.
 */
#define I2C_LIMIT_US 10000u

/** WebAssembly's own stack: locals and arguments of the deepest chain of calls. Measured: 1 KB. */
#define ENGINE_STACK_BYTES 4096u
