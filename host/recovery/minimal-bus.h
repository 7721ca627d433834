// The SMBus target in the minimal state. It answers identification and state, and refuses everything else.
// The interrupt handlers send responses that this file prepares once; no logic runs.
#pragma once

/** Opens the target at the slot's address. `why` is the host's reason for the minimal state. */
void minimal_bus_open(const char *why);
/** Serves waiting requests, and publishes what has changed. Call it after every event. */
void minimal_bus_step(void);
