// The minimal state: where the BMC stays when running the logic is of no use. It touches no output
// and answers a few words on the console, so that whoever looks finds out why.
#pragma once

/** `why` is a sentence of the host. Never returns but through a restart. */
_Noreturn void minimal_run(const char *why);
